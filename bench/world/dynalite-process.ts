import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';

/**
 * A DynamoDB in a process of its own, so that its CPU time is not measured. It prints its port and ends with its
 * standard input.
 */
const server = dynalite({ createTableMs: 0, deleteTableMs: 0 });
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.stdin.resume().on('end', () => process.exit());
