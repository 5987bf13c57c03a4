"""OpenSSF Model Signing (OMS): keys, envelopes, bundles, manifests, timestamps."""
