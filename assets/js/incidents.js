// Incidents that wait, on the live room: whatever is new or another takes its place; what is decided goes.

const $ = (id) => document.getElementById(id);

function node(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.querySelector("li");
}

/** Whoever has the focus on one keeps it; when that one goes, the list's heading has it. */
function keep(old, next) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  if (next) old.replaceWith(next);
  else old.remove();
  if (!focused) return;
  const same = next?.querySelector(`button[name="${CSS.escape(focused.name ?? "")}"]`);
  (same ?? next?.querySelector("button") ?? $("cases-title")).focus();
}

/** Items `{id, waits, html}`, oldest first; `whole`: there are no others. `say` speaks politely. */
export function incidents(items, whole, say) {
  const list = $("cases-list");
  if (!list) return;
  const known = new Set([...list.children].map((item) => item.id));
  if (whole) {
    const there = new Set(items.filter((item) => item.waits).map((item) => `incident-${item.id}`));
    for (const item of [...list.children]) if (!there.has(item.id)) keep(item, null);
  }
  let fresh = null;
  for (const { id, waits, html } of items) {
    const old = $(`incident-${id}`);
    const next = waits ? node(html) : null;
    if (old) keep(old, next);
    else if (next) {
      list.prepend(next);
      if (!whole && !known.has(next.id)) fresh = next;
    }
  }
  $("incidents").hidden = list.children.length === 0;
  $("cases-n").textContent = String(list.children.length);
  if (fresh) say(fresh.querySelector(".case-head").textContent.trim());
}
