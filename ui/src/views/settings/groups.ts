import type { SettingView } from '../../api/gen';
import { text } from '../../text/en';

export interface Group {
  /** The table of the file. */
  table: string;
  settings: SettingView[];
}

/** What a setting is called; one that came without a sentence goes by its key. */
export const nameOf = (key: string): { label: string; help: string } => text.settings.names[key] ?? { label: key, help: '' };

/** The settings that match every word, by the tables of the file, in its order. */
export function groupsOf(settings: readonly SettingView[], query: string): Group[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const groups: Group[] = [];
  for (const setting of settings) {
    const [table = ''] = setting.key.split('.');
    const { label, help } = nameOf(setting.key);
    const found = [setting.key, label, help, text.settings.groups[table] ?? '', setting.value].join(' ').toLowerCase();
    if (!words.every((word) => found.includes(word))) continue;
    const group = groups.find((other) => other.table === table);
    if (group) group.settings.push(setting);
    else groups.push({ table, settings: [setting] });
  }
  return groups;
}
