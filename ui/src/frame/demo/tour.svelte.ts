import type { ViewName } from '../../app/route';

/** What is told while a chapter is the one that was reached last, and where to look then. */
interface Step {
  chapter: string;
  view: ViewName;
}

export const STEPS: readonly Step[] = [
  { chapter: 'calm', view: 'overview' },
  { chapter: 'bad-deploy', view: 'deployments' },
  { chapter: 'alert', view: 'alerts' },
  { chapter: 'tickets', view: 'tickets' },
  { chapter: 'rollback', view: 'deployments' },
  { chapter: 'fix', view: 'pipelines' },
];

const KEY = 'quarterdeck.tour';
const HIDDEN = 'hidden';

/** Whether the tour is told. The demo's webview remembers it: the demo's own file begins anew with each start. */
class Tour {
  shown = $state(remembered() !== HIDDEN);

  toggle(): void {
    this.shown = !this.shown;
    try {
      if (this.shown) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, HIDDEN);
    } catch {
      // A window without storage tells it again with the next start.
    }
  }
}

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export const tour = new Tour();
