/**
 * Counts the bytes that were read or copied, each time again. Anybody can make a file, so reading must take linear
 * time. Each byte may be read a few times at most, whatever is around it. Each part of the framing reports its bytes
 * here, and `test/slow/linear-framing` checks the sum.
 */
export class Effort {
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  spend(bytes: number): void {
    this.#bytes += bytes;
  }
}
