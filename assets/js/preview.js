// Commands of the live room: the preview comes as a fragment into a dialog. Without this script the same forms lead to pages.

const FRAGMENT = { "X-Fragment": "1", Accept: "text/html" };

/** Wires the forms `#commands` and `#takeover`, those marked `data-preview`, and the dialog `#preview`. */
export function preview({ say, announce }) {
  const dialog = document.getElementById("preview");

  async function post(form, submitter) {
    const address = submitter?.formAction && submitter.hasAttribute("formaction") ? submitter.formAction : form.action;
    // The server compares its clock with this computer's.
    for (const field of form.querySelectorAll("[data-now]")) field.value = String(Date.now());
    const body = new URLSearchParams(new FormData(form, submitter));
    return fetch(address, { method: "POST", body, headers: FRAGMENT, credentials: "same-origin", redirect: "manual" });
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
      dialog.innerHTML = await answer.text();
      if (!dialog.open) dialog.showModal();
      (dialog.querySelector("textarea") ?? dialog.querySelector("h1"))?.focus();
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
      announce(event.submitter.title);
      return;
    }
    act(form, event.submitter);
  });
  // What is confirmed is what was shown: a changed length or choice is previewed again first.
  dialog.addEventListener("input", (event) => {
    if (event.target.matches("[name=minutes], [name=spare]")) dialog.querySelector("[data-confirm]").disabled = true;
  });
  dialog.addEventListener("change", (event) => {
    if (event.target.matches("[name=minutes], [name=spare]")) event.target.form.requestSubmit(dialog.querySelector("[formaction]"));
  });
  dialog.addEventListener("click", (event) => {
    // A click on the backdrop is no decision, so it does not close.
    if (!event.target.closest("[data-cancel]")) return;
    event.preventDefault();
    dialog.close();
  });
}
