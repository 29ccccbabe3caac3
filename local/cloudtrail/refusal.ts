/** An answer by which CloudTrail refuses a request: an expected failure, so a value and no throw. */
export interface Refusal {
  readonly kind: 'refusal';
  /** The HTTP status. */
  readonly status: 400 | 500 | 503;
  /** The error's name, as an SDK shows it in `error.name`. */
  readonly name: string;
  readonly message: string;
}

export function refuse(name: string, message: string, status: Refusal['status'] = 400): Refusal {
  return { kind: 'refusal', status, name, message };
}
