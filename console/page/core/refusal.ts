import { settings } from './settings.ts';

/** What API Gateway says of a refusal (`{"message":"Forbidden"}`): no more than the status does. */
const BARE: ReadonlySet<string> = new Set(['Unauthorized', 'Forbidden', 'Missing Authentication Token', 'Not Found']);

/** What happened, and what to do, where the service does not answer what it was asked: in its own words, where it has any. */
export function refusalWords(status: number, detail: string | undefined): string {
  const own = detail !== undefined && !BARE.has(detail) ? detail : undefined;
  if (status === 401)
    return `The service refused to answer (401): ${own ?? 'it does not accept who asks.'} ${mendOf(status)}`;
  if (status === 403) return `The service refused to answer (403): ${own ?? 'you may not ask this.'} ${mendOf(status)}`;
  return own ?? (status === 404 ? 'Nothing is known of it.' : `The service answered with status ${status}.`);
}

function mendOf(status: number): string {
  if (settings.signIn !== 'oidc') return 'Check the credentials that this page was started with, then ask again.';
  if (status === 401) return 'Sign in again.';
  return 'Sign in as somebody who may ask, or get access from whoever runs this service.';
}
