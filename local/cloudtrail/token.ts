import { createHmac } from 'node:crypto';
import { isJsonObject, parseJson } from './json.ts';

/** A place in the event history: that of the last event of a page. */
export interface Position {
  /** Epoch milliseconds. */
  readonly time: number;
  readonly sequence: number;
}

/** Makes and reads NextTokens. FACTS: a token is bound to the parameters it was given for; and so to account and Region. */
export interface NextTokens {
  seal(position: Position, bound: string): string;
  /** The position, or undefined where the token is not one of ours, or was given for something else. */
  open(token: string, bound: string): Position | undefined;
}

export function createNextTokens(secret: string): NextTokens {
  const sign = (payload: string, bound: string): string =>
    createHmac('sha256', secret).update(`${payload}\n${bound}`).digest('base64url');
  return {
    seal(position, bound) {
      const payload = Buffer.from(JSON.stringify(position)).toString('base64url');
      return `${payload}.${sign(payload, bound)}`;
    },
    open(token, bound) {
      const [payload = '', signature] = token.split('.');
      return signature === sign(payload, bound) ? readPosition(payload) : undefined;
    },
  };
}

function readPosition(payload: string): Position | undefined {
  const position = parseJson(Buffer.from(payload, 'base64url').toString());
  if (!isJsonObject(position)) return undefined;
  const { time, sequence } = position;
  return typeof time === 'number' && typeof sequence === 'number' ? { time, sequence } : undefined;
}
