/** What this browser keeps of how somebody wants the page to be; undefined also where it keeps nothing. */
export function keptChoice(name: string): string | undefined {
  return storage()?.getItem(`eks-whois.${name}`) ?? undefined;
}

/** Where the browser keeps nothing, the choice lasts as long as the page. */
export function keepChoice(name: string, value: string | undefined): void {
  if (value === undefined) storage()?.removeItem(`eks-whois.${name}`);
  else storage()?.setItem(`eks-whois.${name}`, value);
}

function storage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined; // refused by the browser's settings
  }
}
