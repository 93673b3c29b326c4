// The emergency file on the staff's page: a chosen file's text goes where it could be pasted, too.
const form = document.getElementById("answer-file");
const [pick, paste, text] = [form.querySelector("[data-pick]"), form.querySelector("[data-paste]"), form.querySelector("textarea")];
pick.hidden = false;
paste.hidden = true;
const input = pick.querySelector("input");
input.required = true;
form.addEventListener("submit", async (event) => {
  const [file] = input.files;
  if (!file || text.value) return;
  event.preventDefault();
  text.value = await file.text();
  form.requestSubmit(event.submitter);
});
input.addEventListener("change", () => (text.value = ""));
