/**
 * Returns the section of a version in a changelog, or the unreleased section if the version has none.
 * @throws if there is neither.
 */
export function changesOf(changelog: string, version: string): string {
  const parts = changelog.split(/^(?=## )/m).slice(1);
  const isOf = (title: string) => (part: string) => part.startsWith(`## ${title}`);
  const part = parts.find(isOf(version)) ?? parts.find(isOf('Unreleased'));
  if (part === undefined) throw new Error(`CHANGELOG.md has no section for ${version}. Add one.`);
  return `${part.trim()}\n`;
}
