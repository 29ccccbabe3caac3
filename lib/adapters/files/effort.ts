/**
 * A count of bytes that were read or copied, each time again. Files come from anyone, so reading must take linear time:
 * each byte is read a few times at most, whatever surrounds it. Each part of the framing reports its bytes here, and
 * `test/slow/linear-framing` checks the sum.
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
