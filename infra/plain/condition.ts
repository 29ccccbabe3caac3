/** The presence of an entry: always, never, or depending on the conditions of choices. */
export type Presence = boolean | { readonly condition: string; readonly met: Presence; readonly unmet: Presence };

/** A condition of a template: that of a choice, or one made of others. `true` means always. */
export type Expression =
  | true
  | { readonly is: string }
  | { readonly not: Exclude<Expression, true> }
  | { readonly all: readonly [Exclude<Expression, true>, Exclude<Expression, true>] }
  | { readonly any: readonly [Exclude<Expression, true>, Exclude<Expression, true>] };

/**
 * Returns a short condition for a presence.
 * @throws Error if the entry is never present, because it should not exist then.
 */
export function toExpression(of: Presence): Expression {
  if (of === true) return true;
  if (of === false) throw new Error('An entry of the template is never present. Remove it.');
  const { condition, met, unmet } = of;
  const is = { is: condition } as const;
  if (met === false) return both({ not: is }, toExpression(unmet));
  if (unmet === false) return both(is, toExpression(met));
  if (met === true) return either(is, toExpression(unmet));
  if (unmet === true) return either({ not: is }, toExpression(met));
  return either(both(is, toExpression(met)), both({ not: is }, toExpression(unmet)));
}

/** Returns the conjunction. A parameter has only one word at a time, so `XIsA` makes `not XIsB` redundant. */
function both(one: Exclude<Expression, true>, other: Expression): Exclude<Expression, true> {
  if ('not' in one && 'is' in one.not && other !== true && wordOf(one.not.is) !== '') {
    const [first] = 'all' in other ? other.all : [other];
    if ('is' in first && wordOf(first.is) === wordOf(one.not.is)) return other;
  }
  return other === true ? one : { all: [one, other] };
}

function wordOf(condition: string): string {
  return /^(.+)Is[A-Z]/.exec(condition)?.[1] ?? '';
}

function either(one: Expression, other: Expression): Expression {
  return one === true || other === true ? true : { any: [one, other] };
}

/** Returns the name of a condition. Adds a condition that is not a choice's own to the definitions. */
export function nameCondition(of: Exclude<Expression, true>, definitions: Record<string, Expression>): string {
  if ('is' in of) return of.is;
  const name = nameOf(of);
  definitions[name] = of;
  return name;
}

function nameOf(of: Exclude<Expression, true>): string {
  if ('is' in of) return of.is;
  if ('not' in of) return `Not${nameOf(of.not)}`;
  if ('all' in of) return `${nameOf(of.all[0])}And${nameOf(of.all[1])}`;
  return `${nameOf(of.any[0])}Or${nameOf(of.any[1])}`;
}

/** Returns the condition as a template writes it. */
export function toTemplate(of: Exclude<Expression, true>): object {
  if ('is' in of) return { Condition: of.is };
  if ('not' in of) return { 'Fn::Not': [toTemplate(of.not)] };
  if ('all' in of) return { 'Fn::And': of.all.map(toTemplate) };
  return { 'Fn::Or': of.any.map(toTemplate) };
}
