/**
 * The id of a request, as its audit events bear it (`auditID`). Trust: the client may choose it (`Audit-ID` header), any text
 * and one that another request bears; whoever asks by it must expect several records.
 */
export type AuditId = string & { readonly brand: 'audit-id' };

/** For parsers: what stands where the API server writes an audit id, or where somebody asks by one. */
export function auditIdOf(text: string): AuditId {
  return text as AuditId;
}
