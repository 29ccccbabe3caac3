import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, isAnythingTold } from '../../lib/attribution/settings.ts';
import { parseUsernameTemplate } from '../../lib/identity/username.ts';

describe('the rules are told something', () => {
  it('by no default, nor by how far clocks may differ', () => {
    expect(isAnythingTold(DEFAULT_SETTINGS)).toBe(false);
    expect(isAnythingTold({ ...DEFAULT_SETTINGS, beforeIssue: 0, afterExpiry: 1 })).toBe(false);
  });

  it('by any list that has an entry, one that comes with a later version too', () => {
    expect(
      isAnythingTold({ ...DEFAULT_SETTINGS, usernameTemplates: [parseUsernameTemplate('admin:{{SessionName}}')] }),
    ).toBe(true);
    expect(isAnythingTold({ ...DEFAULT_SETTINGS, ...{ anotherList: ['entry'] } })).toBe(true);
  });
});
