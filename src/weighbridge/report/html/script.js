(() => {
  "use strict";
  const $ = (id) => document.getElementById(id);
  const names = ["severity", "outcome", "rule", "clause", "text"];
  const ranks = ["info", "low", "medium", "high", "critical"];
  const filters = $("filters");
  filters.hidden = false;
  const box = filters.querySelector("details");
  if (matchMedia("(max-width: 60rem)").matches) box.open = false;

  const list = (row, key) => (key in row.dataset ? row.dataset[key].split("\n") : []);
  const step = 500; // rows drawn at once: thousands take seconds to lay out
  const tables = [...document.querySelectorAll("table[data-filter]")].map((table) => ({
    table, note: $(table.id + "-filtered"), more: document.createElement("button"), most: step,
    rows: [...table.tBodies[0].rows].map((row) => ({
      row, text: "", severity: list(row, "s"), outcome: list(row, "o"), rule: list(row, "r"), clause: list(row, "c"),
    })),
  }));
  // What belongs to rules belongs to their clauses, which only the table of rules lists.
  const clauses = new Map();
  for (const { table, rows } of tables)
    if (table.id === "rules-table") for (const one of rows) clauses.set(one.rule[0], one.clause);
  for (const { table, rows } of tables)
    if (table.id !== "rules-table" && table.id !== "clauses-table")
      for (const one of rows) one.clause = one.rule.flatMap((rule) => clauses.get(rule) || []);

  const fits = (one, want) => {
    if (want.severity && !one.severity.some((s) => ranks.indexOf(s) >= ranks.indexOf(want.severity))) return false;
    for (const name of ["outcome", "rule", "clause"])
      if (want[name] && !(one[name].includes(want[name]) || one[name].includes("*"))) return false;
    if (!want.text) return true;
    one.text = one.text || one.row.textContent.toLowerCase();
    return want.text.toLowerCase().split(/\s+/).every((word) => one.text.includes(word));
  };

  const number = (n) => n.toLocaleString("en-US");
  const apply = () => {
    const want = Object.fromEntries(names.map((name) => [name, $("by-" + name).value.trim()]));
    const on = names.some((name) => want[name]);
    const said = tables.map((all) => {
      const { table, note, rows, more } = all;
      let count = 0;
      for (const one of rows) {
        const fit = !on || fits(one, want);
        const seen = fit && count < all.most;
        if (one.row.hidden === seen) one.row.hidden = !seen;
        count += fit;
      }
      const words = number(count) + " of " + number(rows.length) + " " + table.dataset.filter;
      const drawn = Math.min(count, all.most);
      note.hidden = !on && drawn === count;
      note.textContent = (on ? "The filters select " + words + ". " : "") +
        (drawn < count ? "The first " + number(drawn) + " are drawn; printed are all." : "");
      more.hidden = drawn === count;
      more.textContent = "Draw " + number(Math.min(step, count - drawn)) + " more " + table.dataset.filter;
      return words;
    });
    $("shown").textContent = on ? "Shown: " + said.join(", ") + "." : "Nothing is filtered.";
    return want;
  };
  const write = () => {
    for (const all of tables) all.most = step;
    const want = apply();
    const query = new URLSearchParams(names.filter((n) => want[n]).map((n) => [n, want[n]])).toString();
    try { history.replaceState(null, "", "#" + query); } catch { /* an address that must not change */ }
  };
  const read = () => {
    const hash = location.hash.slice(1);
    if (!hash.includes("=")) return reveal(hash);
    const given = new URLSearchParams(hash);
    for (const name of names) {
      const control = $("by-" + name);
      control.value = given.get(name) || "";
      if (control.selectedIndex === -1) control.value = "";
    }
    apply();
  };
  // A link leads to a row that is filtered out, or that is not drawn yet.
  const reveal = (id) => {
    const target = id && $(id);
    const all = target && tables.find(({ table }) => table.contains(target));
    if (!target || !target.hidden || !all) return;
    for (const name of names) $("by-" + name).value = "";
    all.most = all.rows.findIndex((one) => one.row === target) + step;
    apply();
    target.scrollIntoView();
  };
  for (const all of tables) {
    all.more.type = "button";
    all.more.addEventListener("click", () => { all.most += step; apply(); });
    all.table.parentElement.after(all.more);
  }
  let timer = 0;
  $("by-text").addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(write, 150); });
  for (const name of names) $("by-" + name).addEventListener("change", write);
  $("reset").addEventListener("click", () => { for (const name of names) $("by-" + name).value = ""; write(); });
  addEventListener("hashchange", read);

  $("colors").addEventListener("change", (event) => {
    if (event.target.value) document.documentElement.dataset.colors = event.target.value;
    else delete document.documentElement.dataset.colors;
  });

  const compare = new Intl.Collator("en", { numeric: true }).compare;
  const sort = (table, heads, index) => {
    const up = heads[index].getAttribute("aria-sort") !== "ascending";
    const key = (row) => row.cells[index].dataset.v ?? row.cells[index].textContent;
    const rows = [...table.tBodies[0].rows].map((row) => [key(row), row]);
    rows.sort((a, b) => (up ? 1 : -1) * compare(a[0], b[0]));
    table.tBodies[0].append(...rows.map((one) => one[1]));
    const all = tables.find((one) => one.table === table);
    if (all) {
      const at = new Map(rows.map((one, index) => [one[1], index]));
      all.rows.sort((a, b) => at.get(a.row) - at.get(b.row));
      all.most = step;
      apply();
    }
    for (const head of heads) if (head.hasAttribute("aria-sort")) head.setAttribute("aria-sort", "none");
    heads[index].setAttribute("aria-sort", up ? "ascending" : "descending");
  };
  for (const table of document.querySelectorAll("table")) {
    const heads = table.tHead ? [...table.tHead.rows[0].cells] : [];
    heads.forEach((head, index) => {
      if (!("sort" in head.dataset)) return;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      button.addEventListener("click", () => sort(table, heads, index));
      head.replaceChildren(button);
      head.setAttribute("aria-sort", "none");
    });
  }
  apply();
  read();
  document.documentElement.dataset.ready = "";
})();
