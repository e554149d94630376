// Submits the one launch form of a page. It is good once, so it is hidden afterwards:
// pressing it again would only be refused. Without scripts the button stays.
const form = document.querySelector("form[data-auto-submit]");
if (form) {
  form.submit();
  form.hidden = true;
}
