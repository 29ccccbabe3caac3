import { createServer } from 'node:http';
import { isJsonObject, parseJson, textAt } from '../../lib/json.ts';
import { listenPrivately } from '../loopback/guard.ts';

/** A stand-in for SNS on loopback, for the functions only. It receives messages and reports the text of their email. */
export interface AlertInbox {
  readonly url: string;
  stop(): Promise<void>;
}

const PUBLISHED =
  '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>' +
  '<MessageId>local</MessageId></PublishResult></PublishResponse>';

export async function openInbox(receive: (subject: string, text: string) => void): Promise<AlertInbox> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += String(piece);
    const form = new URLSearchParams(body);
    receive(form.get('Subject') ?? '', mailOf(form.get('Message') ?? ''));
    response.setHeader('content-type', 'text/xml').end(PUBLISHED);
  });
  return {
    url: await listenPrivately(server),
    async stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Returns the text of the email. `Message` has one text for each protocol. */
function mailOf(message: string): string {
  const parsed = parseJson(message);
  return parsed.ok && isJsonObject(parsed.value) ? (textAt(parsed.value, 'email') ?? message) : message;
}
