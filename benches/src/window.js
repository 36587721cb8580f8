// What is measured inside the window. Times are of the page's own clock, in milliseconds, and end after the painting that
// first shows what was waited for.
window.measured = (() => {
  const LIMIT = 20000;
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  /** A message that is sent in a frame arrives once the frame has been painted. */
  const painted = () =>
    new Promise((done) => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => done(performance.now());
      channel.port2.postMessage(null);
    });
  const rows = () => document.querySelectorAll('main [role="row"]').length;

  async function seen(what, there) {
    const begin = performance.now();
    for (;;) {
      await frame();
      if (there()) return painted();
      if (performance.now() - begin > LIMIT) throw new Error(`${what} was not seen; ${document.title}`);
    }
  }

  /** What any change costs that shows at once: the frame it has to wait for, and its painting. */
  async function still() {
    const begin = performance.now();
    await frame();
    return (await painted()) - begin;
  }

  /** From the click on a view in the rail to its rows. */
  async function view(name) {
    const begin = performance.now();
    document.querySelector(`[data-testid="rail-${name}"]`).click();
    const there = () => document.querySelector(`main[data-view="${name}"]`) && rows() > 1 && !document.querySelector('[data-testid="loading"]');
    return { took: (await seen(name, there)) - begin, nodes: document.querySelectorAll('body *').length };
  }

  /** What the browser alone takes for as many nodes: the view is replaced by a copy of itself, and put back. */
  async function copy() {
    const main = document.querySelector('main');
    const twin = main.cloneNode(true);
    await frame();
    await painted();
    const begin = performance.now();
    main.replaceWith(twin);
    await frame();
    const took = (await painted()) - begin;
    twin.replaceWith(main);
    await frame();
    await painted();
    return took;
  }

  /** From a key in the filter to the rows that answer it: which comes first, and how many there are at least. */
  async function key(query, total, first) {
    const field = document.querySelector('[data-testid="filter"]');
    const list = () => document.querySelector('[data-testid="list"]');
    const count = () => Number(list()?.getAttribute('aria-rowcount') ?? 1) - 1;
    const top = () => list()?.querySelector('[data-testid="row"]')?.dataset.key ?? null;
    const begin = performance.now();
    field.value = query;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    const end = await seen(query, () => count() === total && top() === first);
    return { took: end - begin };
  }

  const port = () => document.querySelector('[data-testid="list"] .viewport');
  /** Whether there is no row in the middle of the list. */
  const blank = () => {
    const box = port().getBoundingClientRect();
    const at = document.elementFromPoint(box.left + 40, box.top + box.height / 2)?.closest('[data-testid="row"]');
    return !at || at.querySelector('[aria-colspan]') !== null;
  };

  /** From a jump to so many fifteenths of the list to its rows there. */
  async function jump(fifteenths) {
    const begin = performance.now();
    port().scrollTop = (port().scrollHeight * fifteenths) / 15;
    await frame();
    return (await seen('the rows of a far place', () => !blank())) - begin;
  }

  /** Scrolls by so many pixels a frame for a while; without an answer yet, a row is blank. */
  async function scroll(pixels, milliseconds) {
    const viewport = port();
    const frames = [];
    let [longest, since, way] = [0, null, 1];
    const begin = await frame();
    for (let last = begin; last - begin < milliseconds; ) {
      if (pixels > 0) {
        if (viewport.scrollTop + viewport.clientHeight >= viewport.scrollHeight - 1) way = -1;
        viewport.scrollTop += way * pixels;
      }
      const now = await frame();
      frames.push(now - last);
      last = now;
      if (pixels === 0) continue;
      if (blank()) since ??= now;
      else since = null;
      longest = since === null ? longest : Math.max(longest, now - since);
    }
    return { frames, longest };
  }

  return { still, view, copy, key, jump, scroll };
})();
