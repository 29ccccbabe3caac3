// A clock that goes on from a given time. As `node --import`, it starts at CLOCK_STARTS_AT.
const Real = Date;
let behind = 0;

/** Sets the time, in epoch milliseconds. */
export function setTime(now) {
  behind = Real.now() - now;
}

globalThis.Date = class extends Real {
  constructor(...given) {
    super(...(given.length === 0 ? [Real.now() - behind] : given));
  }
  static now() {
    return Real.now() - behind;
  }
};
if (process.env.CLOCK_STARTS_AT !== undefined) setTime(Real.parse(process.env.CLOCK_STARTS_AT));
