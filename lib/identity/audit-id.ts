/**
 * The id of a request in its audit events (`auditID`).
 *
 * Trust: the client may choose it (`Audit-ID` header), as any text, also the id of another request. A search by it must
 * expect several records.
 */
export type AuditId = string & { readonly brand: 'audit-id' };

/**
 * Returns the text as an audit id. Parsers call it where the API server writes one, or where a person searches for one.
 */
export function auditIdOf(text: string): AuditId {
  return text as AuditId;
}
