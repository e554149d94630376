// Tells the LMS that the registration is over, so that it closes the frame or window it opened for us
// (LTI Dynamic Registration §3.6). Whoever opened us may know: nothing else is in the message.

const { closeSubject } = document.querySelector("[data-close-subject]").dataset;
(window.opener ?? window.parent).postMessage({ subject: closeSubject }, "*");
