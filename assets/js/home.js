// A QR code carries the exam code in the fragment, which never reaches a log. Take it over and wipe it off.
const code = document.getElementById("code");
const given = decodeURIComponent(location.hash.slice(1));
if (given && given.length <= 40) {
  code.value = given;
  history.replaceState(null, "", location.pathname);
}
// Only the last student's own choice of language may stay on a shared computer.
try {
  sessionStorage.clear();
} catch {
  // A browser without storage has nothing to clear.
}
if (!code.value) code.focus();
