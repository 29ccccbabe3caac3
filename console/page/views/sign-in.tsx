import { session, settings, signIn, signInProblem } from '../core/session.ts';

/** The sign-in page of a service that accepts tokens of an issuer. */
export function SignIn() {
  const host = settings.signIn === 'oidc' ? new URL(settings.issuer).hostname : '';
  return (
    <main class="alone">
      <h1>eks-whois</h1>
      <p>Which person did this to our cluster? Sign in to find out.</p>
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

/** Instructions for a service that requires AWS credentials, which a web page cannot have. */
export function HowToOpen() {
  const api = `${location.origin}${location.pathname}`.replace(/\/$/, '');
  return (
    <main class="alone">
      <h1>eks-whois</h1>
      <p>This service requires AWS credentials, which a web page can't use.</p>
      <p>To open this page with your own credentials, run this command on your machine:</p>
      <pre>
        <code>eks-whois console --api {api}</code>
      </pre>
      <p>
        To sign in on this page instead, deploy the service with the parameter <code>authorizer: jwt</code> and a token
        issuer.
      </p>
    </main>
  );
}
