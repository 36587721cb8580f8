import type { ProblemView, Status } from '../../api/gen';
import { HOME_OF } from '../../app/cli';
import type { ViewName } from '../../app/route';
import { text } from '../../text/en';
import { healthText, type Moment } from '../../text/health';
import { safeText } from '../../text/safe';

/** Where a problem is mended or looked at. */
export type Way = { to: 'file' } | { to: 'connection'; id: string } | { to: 'list'; view: ViewName; query: string };

export interface ProblemText {
  status: Status;
  word: string;
  sentence: string;
  /** The file and line, or the source. */
  place: string;
  way: Way;
}

const words = text.problemView.words;

/** What a person reads of a problem. */
export function problemText(problem: ProblemView, at: Moment): ProblemText {
  switch (problem.problem) {
    case 'config':
      return {
        status: problem.broken ? 'failing' : 'warn', word: problem.broken ? words.broken : words.ignored, sentence: safeText(problem.message),
        place: text.frame.fileLine(safeText(fileName(problem.file ?? '')), problem.line), way: { to: 'file' },
      };
    case 'source': {
      const { status, sentence } = healthText(problem.source, problem.health, at);
      return { status, word: words.source, sentence: safeText(sentence), place: problem.source, way: { to: 'connection', id: problem.source } };
    }
    case 'unread':
      return { status: 'warn', word: words.unread, sentence: safeText(problem.message), place: problem.source, way: { to: 'connection', id: problem.source } };
    case 'unmatched':
      return {
        status: 'unknown', word: words.unmatched, sentence: text.problemView.unmatched(problem.count, text.counted[problem.kind](problem.count)), place: text.views[HOME_OF[problem.kind]],
        way: { to: 'list', view: HOME_OF[problem.kind], query: problem.query },
      };
  }
}

/** The last part of a path: where the file lies is told in the settings. */
const fileName = (path: string): string => path.split(/[/\\]/).at(-1) ?? path;
