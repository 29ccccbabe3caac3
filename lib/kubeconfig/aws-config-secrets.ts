import type { Hidden } from './mask.ts';
import { isSecretComment, isSecretName, isSecretValue } from './secret-words.ts';

/**
 * The parts of an AWS config file's text that are not to be shown: values of secret settings with the lines that
 * continue them, comments that could hold one, and whatever is no setting.
 */
export function awsConfigSecrets(text: string): readonly Hidden[] {
  let [offset, goesOn] = [0, false];
  return text.split('\n').flatMap((line) => {
    const start = offset;
    offset += line.length + 1;
    const column = secretColumn(line, goesOn);
    if (/^[^\s#;]/.test(line)) goesOn = column !== undefined;
    return column === undefined ? [] : [{ start: start + column, end: offset - 1 }];
  });
}

/** Where the secret in a line begins, if there is one; `goesOn` says that the setting before it is one. */
function secretColumn(line: string, goesOn: boolean): number | undefined {
  if (/^\s*(?:\[|$)/.test(line)) return undefined;
  const [mark, comment] = /^\s*[#;]\s*(.*)$/s.exec(line) ?? [];
  if (mark !== undefined && comment !== undefined)
    return isSecretComment(comment) ? mark.length - comment.length : undefined;
  const [whole, before, name = '', value = ''] = /^(\s*([^\s=][^=]*?)\s*=\s*)(.*)$/s.exec(line) ?? [];
  if (whole === undefined || before === undefined || (goesOn && /^\s/.test(line))) return 0;
  return isSecretName(name) || isSecretValue(value) ? before.length : undefined;
}
