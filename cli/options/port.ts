import { InvalidArgumentError, Option } from 'commander';

/** Returns `--port`, the port on this machine to serve on. 0 is any free port. */
export function portOption(says: string): Option {
  return new Option('--port <port>', says).argParser(portOf);
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('Give a port from 0 to 65535.');
  return port;
}
