// What Aim's pages would get from other hosts, or send people to, they get here. This runs before all of their scripts.

// Nobody is invited to join a community elsewhere: the pages take it that the invitation was seen.
localStorage.setItem('communityPopupSeen', 'true');

// Home shows the latest releases of Aim, and asks GitHub for them until there are some. It is told of the one that it is.
{
  const releases = 'https://api.github.com/repos/aimhubio/aim/releases';
  const page = 'https://github.com/aimhubio/aim/releases';
  const one = (tag) => ({
    tag_name: tag, name: tag, html_url: `${page}/tag/${tag}`,
    body: '- The pages of Aim, served by libaim.\n- Nothing is asked of another host: news of Aim are not shown.',
  });
  const elsewhere = window.fetch;
  window.fetch = (asked, ...options) => {
    const path = String(asked?.url ?? asked);
    if (!path.startsWith(releases)) return elsewhere(asked, ...options);
    const tag = path.split('/tags/')[1];
    return Promise.resolve(Response.json(tag ? one(tag) : [one('v3.29.1')]));
  };
}

// Reports run Python in the browser. The pages ask for it as soon as they load, but it is large: it comes, from this
// server, when the first report is opened.
window.loadPyodide = async (options) => {
  while (!/\/reports\/./.test(location.pathname)) await new Promise((go) => setTimeout(go, 200));
  await new Promise((loaded, failed) => {
    const script = document.createElement('script');
    script.src = `${window.externalPublicPath}pyodide/pyodide.js`;
    script.onload = loaded;
    script.onerror = () => failed(new Error('this server has no Python for the browser: `make ui` brings it'));
    document.head.append(script);
  });
  return window.loadPyodide(options); // The one that the script put in this one's place.
};
