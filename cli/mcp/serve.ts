import type { Writable } from 'node:stream';
import { linesOf } from './lines.ts';
import type { McpServer } from './server.ts';

/** Answers what comes in, a message a line, until the input ends and all is answered. Nothing else may write to `output`. */
export async function serveLines(
  server: McpServer,
  input: AsyncIterable<Uint8Array | string>,
  output: Writable,
): Promise<void> {
  const answering = new Set<Promise<void>>();
  for await (const line of linesOf(input)) {
    const one = answerLine(server, line, output).finally(() => answering.delete(one));
    answering.add(one);
  }
  await Promise.all(answering);
}

async function answerLine(server: McpServer, line: string | undefined, output: Writable): Promise<void> {
  const reply = await server.replyTo(line);
  if (reply === undefined) return;
  // A client that went away is told by the end of the input.
  await new Promise<void>((resolve) => output.write(`${JSON.stringify(reply)}\n`, () => resolve()));
}
