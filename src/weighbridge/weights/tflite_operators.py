"""TensorFlow Lite's operators: the builtin ones that run other subgraphs, and the custom ones that
well-known runtimes register and that only compute.

Sources: ``tensorflow/compiler/mlir/lite/schema/schema.fbs`` (version 3, as of TensorFlow 2.21);
for each list of custom operators the file that registers them.
"""

from __future__ import annotations

CUSTOM = 32  # BuiltinOperator.CUSTOM
DELEGATE = 51  # never in a file: runtimes make it up
LAST_BUILTIN = 209  # STABLEHLO_CASE

# TensorType -> (name, bits of one element; 0 where they are no raw numbers).
TYPES: dict[int, tuple[str, int]] = {
    0: ("float32", 32), 1: ("float16", 16), 2: ("int32", 32), 3: ("uint8", 8), 4: ("int64", 64),
    5: ("string", 0), 6: ("bool", 8), 7: ("int16", 16), 8: ("complex64", 64), 9: ("int8", 8),
    10: ("float64", 64), 11: ("complex128", 128), 12: ("uint64", 64), 13: ("resource", 0),
    14: ("variant", 0), 15: ("uint32", 32), 16: ("uint16", 16), 17: ("int4", 4),
    18: ("bfloat16", 16), 19: ("int2", 2), 20: ("uint4", 4),
}  # fmt: skip
STRING = 5

# BuiltinOptions type -> its fields that are numbers of subgraphs; 4 bytes each.
SUBGRAPHS: dict[int, tuple[int, ...]] = {
    16: (0,),  # CallOptions
    92: (0, 1),  # IfOptions
    93: (0, 1),  # WhileOptions
    103: (0,),  # CallOnceOptions
}
# The same of BuiltinOptions2.
SUBGRAPHS_2: dict[int, tuple[int, ...]] = {
    6: (1,),  # StablehloReduceOptions
    7: (6,),  # StablehloScatterOptions
    13: (5,),  # StablehloReduceWindowOptions
    14: (2,),  # StablehloSortOptions
    15: (0, 1),  # StablehloWhileOptions
    21: (1,),  # StableHLOCompositeOptions
}
CASE_2 = 23  # StablehloCaseOptions: field 0 is a vector of them

_LISTS: dict[str, str] = {
    # tensorflow/lite/core/kernels/register.cc and tensorflow/lite/kernels/custom_ops_register.h
    "tensorflow-lite": "NumericVerify Mfcc AudioSpectrogram TFLite_Detection_PostProcess "
    "aeq.hadamard_rotation HashTableV2 LookupTableFindV2 LookupTableImportV2 LookupTableSizeV2 "
    "AvgPool3D MaxPool3D AvgPool3DGrad MaxPool3DGrad Irfft2d RFFT2D Roll Sign Table AtrousConv "
    "ReadVariable AssignVariable Cumsum Multinomial RandomStandardNormal RandomUniform",
    # tensorflow/lite/kernels/variants/register_list_ops.cc
    "tensorflow-lite-lists": "TensorListElementShape TensorListFromTensor TensorListGetItem "
    "TensorListLength TensorListPopBack TensorListPushBack TensorListReserve TensorListResize "
    "TensorListSetItem TensorListStack VariantAddN VariantZerosLike",
    # tensorflow/lite/experimental/genai/genai_ops.cc
    "tensorflow-lite-genai": "odml.update_kv_cache odml.scaled_dot_product_attention "
    "odml.update_external_kv_cache",
    # mediapipe/tasks/cc/core/mediapipe_builtin_op_resolver.cc, mediapipe/util/tflite
    "mediapipe": "MaxPoolingWithArgmax2D MaxUnpooling2D Convolution2DTransposeBias "
    "TransformTensorBilinear TransformLandmarks Landmarks2TransformMatrix NGramHash "
    "KmeansEmbeddingLookup TFSentencepieceTokenizeOp RaggedTensorToTensor FusedBatchNorm Resampler",
    # tensorflow_text/core/kernels: the tflite registrar
    "tensorflow-text": "TFSentencepieceDetokenizeOp tftext:custom:RaggedTensorToTensor "
    "tftext:FastBertNormalize tftext:FastSentencepieceTokenize tftext:FastSentencepieceDetokenize "
    "tftext:FastWordpieceDetokenize tftext:FastWordpieceTokenizeWithOffsets "
    "tftext:NgramsStringJoin tftext:WhitespaceTokenizeWithOffsetsV2 tftext:ByteSplitWithOffsets "
    "tftext:PhraseTokenize tftext:RoundRobinTrim tftext:SentencepieceTokenizeOp "
    "TFText>NgramsStringJoin TFText>WhitespaceTokenizeWithOffsetsV2 TFText>RoundRobinTrim "
    "TFText>RoundRobinGenerateMasks TFText>Utf8Binarize TFText>PhraseDetokenize "
    "TFText>FastSentencepieceTokenize TFText>FastSentencepieceDetokenize "
    "TFText>FastWordpieceDetokenize FastBertNormalize FastWordpieceTokenizeWithOffsets",
    # tensorflow/lite/micro/micro_mutable_op_resolver.h, signal/micro
    "tensorflow-lite-micro": "CIRCULAR_BUFFER SignalDelay SignalEnergy SignalFftAutoScale "
    "SignalFilterBank SignalFilterBankLog SignalFilterBankSpectralSubtraction "
    "SignalFilterBankSquareRoot SignalFramer SignalIrfft SignalOverlapAdd SignalPCAN SignalRfft "
    "SignalStacker SignalWindow",
    # What compilers for accelerators leave: Coral's Edge TPU, Arm's Vela, NXP's Neutron, LiteRT's
    # dispatch. What it holds runs on the accelerator.
    "accelerators": "edgetpu-custom-op ethos-u NeutronGraph DISPATCH_OP",
}
HARMLESS_CUSTOM = frozenset(name for names in _LISTS.values() for name in names.split())
FLEX = "Flex"  # kFlexCustomCodePrefix: an operator of TensorFlow itself
