// Reports run Python in the browser. The pages ask for it as soon as they load, but it is large: it comes, from this
// server, when the first report is opened.
window.loadPyodide = async (options) => {
  while (!/\/reports\/./.test(location.pathname)) await new Promise((go) => setTimeout(go, 200));
  await new Promise((loaded, failed) => {
    const script = document.createElement('script');
    script.src = `${window.externalPublicPath}pyodide/pyodide.js`;
    script.onload = loaded;
    script.onerror = failed;
    document.head.append(script);
  });
  return window.loadPyodide(options); // The one that the script put in this one's place.
};
