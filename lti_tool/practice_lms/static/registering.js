// Goes back to the list of tools when the tool in the frame says that it has finished (LTI Dynamic Registration §3.6).
const frame = document.querySelector("iframe[data-closes-to]");
window.addEventListener("message", (event) => {
  if (event.source === frame.contentWindow && event.data?.subject === "org.imsglobal.lti.close") {
    window.location.assign(frame.dataset.closesTo);
  }
});
