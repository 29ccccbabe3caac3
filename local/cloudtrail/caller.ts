/** The sender of a request, from the credential scope of its SigV4 signature. The signature is not verified. */
export interface Caller {
  readonly kind: 'caller';
  readonly accessKeyId: string;
  readonly accountId: string;
  readonly region: string;
}

/** The accounts of access key IDs: one account for all, or a list with the account of each key. */
export interface Accounts {
  readonly only: string;
  readonly byAccessKey: Readonly<Record<string, string>> | undefined;
}

const CREDENTIAL = /^AWS4-HMAC-SHA256\s.*?Credential=([^/,\s]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request\b/;

/**
 * Parses the caller from an `Authorization` header, `AWS4-HMAC-SHA256
 * Credential=<key>/<date>/<region>/<service>/aws4_request, …`. Refuses as AWS does (IAM User Guide, "Troubleshoot
 * Signature Version 4"; common errors of the CloudTrail API): a missing or unreadable header, another service's scope,
 * or a key without an account.
 */
export function readCaller(authorization: string | undefined, accounts: Accounts): Caller | Refusal {
  if (authorization === undefined) return refuse('MissingAuthenticationTokenException', 'Missing Authentication Token');
  const [, accessKeyId, , region, service] = CREDENTIAL.exec(authorization) ?? [];
  if (accessKeyId === undefined || region === undefined) {
    return refuse('IncompleteSignatureException', 'Authorization header requires a SigV4 credential scope.');
  }
  if (service !== 'cloudtrail') {
    return refuse('InvalidSignatureException', "Credential should be scoped to correct service: 'cloudtrail'.");
  }
  const accountId = accountOf(accessKeyId, accounts);
  if (accountId === undefined) return UNRECOGNIZED_CLIENT;
  return { kind: 'caller', accessKeyId, accountId, region };
}

function accountOf(accessKeyId: string, accounts: Accounts): string | undefined {
  if (accounts.byAccessKey === undefined) return accounts.only;
  return Object.hasOwn(accounts.byAccessKey, accessKeyId) ? accounts.byAccessKey[accessKeyId] : undefined;
}

export const UNRECOGNIZED_CLIENT = refuse(
  'UnrecognizedClientException',
  'The security token included in the request is invalid.',
);

/** CloudTrail's refusal of a request. It is an expected failure, and so a value. */
export interface Refusal {
  readonly kind: 'refusal';
  /** HTTP status. */
  readonly status: 400 | 500 | 503;
  /** Name of the error, as an SDK shows it in `error.name`. */
  readonly name: string;
  readonly message: string;
}

export function refuse(name: string, message: string, status: Refusal['status'] = 400): Refusal {
  return { kind: 'refusal', status, name, message };
}
