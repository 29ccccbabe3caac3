import { readdir, readFile, readlink } from 'node:fs/promises';
import { childrenOf } from './processes.ts';

/** An address at which a process listens: `127.0.0.1:3000`. It is read from /proc, which only Linux has. */
export interface ListeningAddress {
  readonly address: string;
  readonly port: number;
}

/** Returns all addresses at which a process and those that it started listen over TCP. */
export async function listeningOf(pid: number | undefined): Promise<ListeningAddress[]> {
  const sockets = new Set<string>();
  for (const one of await familyOf(pid)) for (const socket of await socketsOf(one)) sockets.add(socket);
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'utf8').catch(() => ''));
  return (await Promise.all(tables))
    .flatMap((table) => table.split('\n').slice(1))
    .flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      return state === LISTEN && sockets.has(inode) ? [placeOf(local)] : [];
    });
}

const LISTEN = '0A';

async function familyOf(pid: number | undefined): Promise<number[]> {
  if (pid === undefined) return [];
  const below = await Promise.all((await childrenOf(pid)).map(familyOf));
  return [pid, ...below.flat()];
}

async function socketsOf(pid: number): Promise<string[]> {
  const folder = `/proc/${pid}/fd`;
  const links = await Promise.all(
    (await readdir(folder).catch(() => [])).map((fd) => readlink(`${folder}/${fd}`).catch(() => '')), // closed meanwhile
  );
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
}

/** Parses `0100007F:0BB8`, in which the bytes of the address are reversed. */
function placeOf(local: string): ListeningAddress {
  const [address = '', port = ''] = local.split(':');
  const bytes = address.length === 8 ? (address.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)) : [];
  return { address: bytes.length === 4 ? bytes.reverse().join('.') : address, port: Number.parseInt(port, 16) };
}
