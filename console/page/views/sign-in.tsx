import { session, signIn, signInProblem } from '../core/session.ts';
import { settings } from '../core/settings.ts';

/** Where the service takes tokens of an issuer: whoever has none gets one there. */
export function SignIn() {
  const host = settings.signIn === 'oidc' ? new URL(settings.issuer).hostname : '';
  return (
    <main class="alone">
      <h1>eks-whois</h1>
      <p>Which person did this to our cluster? Sign in to ask.</p>
      {signInProblem.value !== undefined && (
        <p class="problem" role="alert">
          {signInProblem.value}
        </p>
      )}
      <button type="button" class="primary" disabled={session.value === 'busy'} onClick={() => void signIn()}>
        Sign in with {host}
      </button>
    </main>
  );
}
