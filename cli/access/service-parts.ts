import { isRegion } from '../options/aws-options.ts';

/** What is kept of a service, each as the option of that name. Never a secret: a bearer token comes from EKS_WHOIS_TOKEN. */
export const SERVICE_PARTS = ['api', 'table', 'profile', 'region'] as const;
export type ServicePart = (typeof SERVICE_PARTS)[number];

/** Names of services: words that need no quotes in YAML or in a shell. */
export const SERVICE_NAME = /^[A-Za-z0-9][\w.-]{0,62}$/;

/** What is wrong with the value of a part, as the end of a sentence that begins with where it stands; undefined where nothing is. */
export function flawOfPart(part: ServicePart, text: string): string | undefined {
  if (part === 'api') return flawOfApi(text);
  if (part === 'region' && !isRegion(text)) return `is ${text}, which is no Region: give one like eu-west-1.`;
  return /^[^\p{Cc}\p{Cf}]{1,200}$/u.test(text) ? undefined : 'takes one line of 1 to 200 characters.';
}

/** Whoever reads the file would read what an address has of secrets. */
function flawOfApi(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    return `is ${text}, which is no address: give one like https://abc.execute-api.eu-west-1.amazonaws.com.`;
  if (`${url.username}${url.password}${url.search}${url.hash}` === '') return undefined;
  return 'has more than an address: leave out user, password and what follows ? or #; a bearer token stays in EKS_WHOIS_TOKEN.';
}
