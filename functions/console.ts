import { PAGE } from 'eks-whois:console';
import { consoleHandler } from './http/console-answer.ts';

/** The page, for whoever reaches it: nothing in it is secret, and it has no right to any table. */
export const handler = consoleHandler(PAGE);
