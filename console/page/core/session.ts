import { signal } from '@preact/signals';
import { settings } from './settings.ts';

/** Whether the service would take a question. */
export const isSignedIn = signal(settings.signIn === 'none');

/** What a request says of who asks. */
export async function authorize(): Promise<Record<string, string>> {
  return {};
}

/** The service took the token no longer. */
export function signedOut(): void {
  if (settings.signIn === 'oidc') isSignedIn.value = false;
}
