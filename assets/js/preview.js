// Commands of the live room: the preview comes as a fragment into a dialog. Without this script the same forms lead to pages.

const FRAGMENT = { "X-Fragment": "1", Accept: "text/html" };

/** Wires the forms `#commands` and `#takeover`, those marked `data-preview`, and the dialog `#preview`. `refuse(button)` says why it cannot be
 * pressed now; `atOnce(body, verb)` gives the address of what is done without a look, having filled in what the look would have. */
export function preview({ say, announce, refuse, atOnce }) {
  const dialog = document.getElementById("preview");

  async function post(form, submitter) {
    const own = submitter?.formAction && submitter.hasAttribute("formaction") ? submitter.formAction : null;
    // The server compares its clock with this computer's.
    for (const field of form.querySelectorAll("[data-now]")) field.value = String(Date.now());
    const body = new URLSearchParams(new FormData(form, submitter));
    const address = own ?? ((form.id === "commands" && atOnce(body)) || form.action);
    return fetch(address, { method: "POST", body, headers: FRAGMENT, credentials: "same-origin", redirect: "manual" });
  }

  /** What was done, with the way back, stands on the page until it is closed or something else is done. */
  function done(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    const box = template.content.getElementById("done");
    if (!box) return false;
    const text = box.querySelector("p").textContent;
    dialog.close();
    // The next command has a reason of its own.
    document.querySelector(".toolbar [name=reason_code]").value = "";
    document.getElementById("done-slot").replaceChildren(box);
    announce(text);
    return true;
  }

  /** A redirect means done; markup means there is something to read first. */
  async function act(form, submitter) {
    submitter?.setAttribute("aria-busy", "true");
    try {
      const answer = await post(form, submitter);
      if (answer.type === "opaqueredirect" || answer.status === 204) {
        dialog.close();
        return;
      }
      const html = await answer.text();
      if (done(html)) return;
      dialog.innerHTML = html;
      if (!dialog.open) dialog.showModal();
      (dialog.querySelector("[aria-invalid=true], textarea") ?? dialog.querySelector("h1"))?.focus();
    } catch {
      announce(say("preview-failed"));
    } finally {
      submitter?.removeAttribute("aria-busy");
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.id !== "commands" && form.id !== "takeover" && !form.matches("[data-preview]") && !dialog.contains(form)) return;
    event.preventDefault();
    if (event.submitter?.getAttribute("aria-disabled") === "true") {
      refuse(event.submitter);
      return;
    }
    act(form, event.submitter);
  });
  // What is confirmed is what was shown: a changed length or choice is previewed again first.
  dialog.addEventListener("input", (event) => {
    if (event.target.matches("[name=minutes], [name=spare], [name=percent]")) dialog.querySelector("[data-confirm]").disabled = true;
  });
  dialog.addEventListener("change", (event) => {
    if (event.target.matches("[name=minutes], [name=spare], [name=percent]")) event.target.form.requestSubmit(dialog.querySelector("[formaction]"));
  });
  document.addEventListener("click", (event) => event.target.closest("[data-close-done]")?.closest("#done")?.remove());
  dialog.addEventListener("click", (event) => {
    // A click on the backdrop is no decision, so it does not close.
    if (!event.target.closest("[data-cancel]")) return;
    event.preventDefault();
    dialog.close();
  });
}
