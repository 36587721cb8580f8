// Waits for the first row, or for the word that there is none, and then for two frames.
(() => {
  const painted = () => requestAnimationFrame(() => requestAnimationFrame(() => { document.title = 'quarterdeck-painted'; }));
  const look = () => {
    if (document.querySelector('[data-testid="row"], [data-testid^="empty-"], [data-testid^="service-row"]')) return painted();
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();
