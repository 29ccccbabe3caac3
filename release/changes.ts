/** Of a changelog the part of a version; before it is named, what is unreleased. @throws where it has neither. */
export function changesOf(changelog: string, version: string): string {
  const parts = changelog.split(/^(?=## )/m).slice(1);
  const isOf = (title: string) => (part: string) => part.startsWith(`## ${title}`);
  const part = parts.find(isOf(version)) ?? parts.find(isOf('Unreleased'));
  if (part === undefined) throw new Error(`CHANGELOG.md says nothing of ${version}.`);
  return `${part.trim()}\n`;
}
