import { Scalar } from 'yaml';

/**
 * What YAML 1.1, which kubectl reads, takes for something other than text where it stands unquoted: `no`, `12_000`,
 * `1:30`, `0x1f`, dates (yaml.org/type). The library decides by YAML 1.2 and would leave some of it bare.
 */
const AMBIGUOUS = /^(?:y|n|yes|no|on|off|true|false|null|~|=|<<)$|^[-+.]?\d|^[-+]?\.(?:inf|nan)$/i;

/** A scalar for the text, quoted where a reader of YAML 1.1 or 1.2 could take it for something else. */
export function textScalar(text: string): Scalar<string> {
  const scalar = new Scalar(text);
  if (AMBIGUOUS.test(text)) scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}
