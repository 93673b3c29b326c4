// A dedicated worker: one beat a second. What is done at a beat, asking for the time and being heard among it, is the page's.
setInterval(() => postMessage(0), 1000);
