/**
 * How many bytes were looked at or copied, each time anew. Files come from anybody, so reading them must be linear: no
 * byte is looked at more than a few times, whatever stands around it. Each part of the framing says here what it spends,
 * and `test/slow/linear-framing` holds it to that.
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
