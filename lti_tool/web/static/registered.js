// Tells the LMS that the registration is over, so that it closes the frame or window it opened for us
// (LTI Dynamic Registration §3.6). Whoever opened us may know: nothing else is in the message.

(window.opener ?? window.parent).postMessage({ subject: "org.imsglobal.lti.close" }, "*");
