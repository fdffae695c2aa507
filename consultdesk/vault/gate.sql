-- What the database itself refuses, whoever asks. Every trigger of the store stands here;
-- after a migration they are dropped and made anew from this file.
-- A refusal is worded 'gate:CLAUSE' or 'kept:TABLE'.

-- 1. Release -------------------------------------------------------------------------------
-- The instant is the latest of the caller's, SQLite's own and the clock mark, so that a clock
-- set back gains nothing. The first two count only within a day of the mark: a jump waits for a
-- person's word. Tokens are compared, never read.

-- One statement asks all of it, since it costs most to look a row up: each row but once, and
-- joined from a row that is always there, so that one that is missing refuses as well. Conditions
-- are read from above, those of a consent first; (…) IS NOT TRUE refuses where nothing is known.

CREATE TRIGGER gate_dispatch BEFORE INSERT ON dispatch
BEGIN
  SELECT CASE WHEN NEW.basis IS NOT 'patient' THEN CASE
    WHEN (consent.kind = 'disclose' AND consent.case_id = NEW.case_id
          AND consent.patient_id = letter.patient_id) IS NOT TRUE
      THEN RAISE(ABORT, 'gate:consent_recorded')
    WHEN consent.status IS NOT 'active' OR event.ended
      THEN RAISE(ABORT, 'gate:consent_active')
    WHEN consent.elements_complete IS NOT 1
      THEN RAISE(ABORT, 'gate:consent_complete')
    WHEN consent.evidence_complete IS NOT 1
         AND NOT EXISTS (SELECT 1 FROM consent_event
                          WHERE consent_id = NEW.consent_id AND kind = 'evidence_completed')
      THEN RAISE(ABORT, 'gate:evidence_complete')
    WHEN (consent.epoch = mark.epoch) IS NOT TRUE
         AND NOT EXISTS (SELECT 1 FROM consent_event
                          WHERE consent_id = NEW.consent_id AND kind = 'reconfirmed'
                            AND epoch = mark.epoch)
      THEN RAISE(ABORT, 'gate:reconfirmed')
    WHEN EXISTS (SELECT 1 FROM revocation WHERE consent_id = NEW.consent_id)
      THEN RAISE(ABORT, 'gate:not_revoked')
    WHEN consent.valid_from > MAX(NEW.at, mark.at)
      THEN RAISE(ABORT, 'gate:started')
    WHEN consent.expires_at <= NEW.at AND NEW.at - mark.at <= 86400000
         OR consent.expires_at <= event.now AND event.now - mark.at <= 86400000
      THEN RAISE(ABORT, 'gate:not_expired')  -- no end is no number, so nothing is before it
    -- a clock further ahead ends no consent, and while it would, nothing leaves under one
    WHEN consent.expires_at <= event.now
      THEN RAISE(ABORT, 'gate:clock')
    WHEN event.occurred
      THEN RAISE(ABORT, 'gate:event_not_occurred')
    WHEN NOT EXISTS (SELECT 1 FROM consent_scope
                      WHERE consent_id = NEW.consent_id AND dimension = 'recipient'
                        AND token = NEW.recipient_id)
      THEN RAISE(ABORT, 'gate:recipient')
    WHEN NOT EXISTS (SELECT 1 FROM consent_scope
                      WHERE consent_id = NEW.consent_id AND dimension = 'purpose'
                        AND token = NEW.purpose_token)
      THEN RAISE(ABORT, 'gate:purpose')
    -- the first of what it carries and the consent doesn't name; + has one walk find all of it
    ELSE (SELECT CASE carried.dimension
            WHEN 'record_kind' THEN RAISE(ABORT, 'gate:record_kinds')
            WHEN 'sensitivity' THEN RAISE(ABORT, 'gate:sensitivities')
          END
            FROM letter_scope AS carried
            LEFT JOIN consent_scope AS named
                   ON named.consent_id = NEW.consent_id
                  AND named.dimension = carried.dimension AND named.token = carried.token
           WHERE carried.letter_id = NEW.letter_id AND named.token IS NULL
             AND +carried.dimension IN ('record_kind', 'sensitivity')
           ORDER BY carried.dimension)
  END END, CASE
    WHEN (NEW.at >= mark.at AND NEW.at - mark.at <= 86400000
          AND NEW.at <= MAX(mark.at, event.now + 60000)) IS NOT TRUE
      THEN RAISE(ABORT, 'gate:clock')
    WHEN letter.signed_at IS NULL
      THEN RAISE(ABORT, 'gate:letter_signed')
    WHEN (letter.hash_token = NEW.hash_token) IS NOT TRUE
      THEN RAISE(ABORT, 'gate:hash')
    WHEN (letter.case_id = NEW.case_id AND letter.recipient_id = recipient.id
          AND EXISTS (SELECT 1 FROM letter_scope
                       WHERE letter_id = NEW.letter_id AND token = recipient.kind_token
                         AND dimension = CASE NEW.basis WHEN 'patient' THEN 'fits_patient'
                                                        ELSE 'fits' END)
          AND (recipient.id = letter.patient_id
               OR NOT EXISTS (SELECT 1 FROM patient WHERE id = NEW.recipient_id))) IS NOT TRUE
      THEN RAISE(ABORT, 'gate:letter_fits')
    WHEN (channel.recipient_id = NEW.recipient_id
          AND channel.verified_at IS NOT NULL) IS NOT TRUE
      THEN RAISE(ABORT, 'gate:channel')
    WHEN NEW.basis NOT IN ('consent', 'patient')
      THEN RAISE(ABORT, 'gate:basis')
    WHEN EXISTS (SELECT 1 FROM restriction AS s
                  WHERE s.patient_id = letter.patient_id AND s.lifts IS NULL
                    AND (s.recipient_id = recipient.id OR s.kind_token = recipient.kind_token)
                    AND NOT EXISTS (SELECT 1 FROM restriction AS x
                                     WHERE x.lifts = s.id AND x.patient_id = s.patient_id))
      THEN RAISE(ABORT, 'gate:restriction')
  END
    FROM (SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS now,
                 MAX(kind IN ('inactive', 'entered-in-error')) AS ended,
                 MAX(kind = 'event_occurred') AS occurred
            FROM consent_event WHERE consent_id = NEW.consent_id) AS event
    LEFT JOIN clock_mark AS mark ON mark.id = 1
    LEFT JOIN letter ON letter.id = NEW.letter_id
    LEFT JOIN recipient ON recipient.id = NEW.recipient_id
    LEFT JOIN channel ON channel.id = NEW.channel_id
    LEFT JOIN consent ON consent.id = NEW.consent_id;
END;

-- 2. A case is released by a dispatch, and by nothing else ------------------------------------

CREATE TRIGGER gate_case_starts BEFORE INSERT ON "case" WHEN NEW.state <> 'received'
BEGIN
  SELECT RAISE(ABORT, 'gate:case_starts_received');
END;

CREATE TRIGGER gate_case_released BEFORE UPDATE OF state ON "case"
WHEN NEW.state = 'released'
BEGIN
  SELECT RAISE(ABORT, 'gate:released_without_dispatch')
   WHERE NOT EXISTS (SELECT 1 FROM dispatch WHERE case_id = NEW.id AND basis = 'consent');
END;

CREATE TRIGGER gate_case_patient_only BEFORE UPDATE OF state ON "case"
WHEN NEW.state = 'released_to_patient_only'
BEGIN
  SELECT RAISE(ABORT, 'gate:released_without_dispatch')
   WHERE NOT EXISTS (SELECT 1 FROM dispatch WHERE case_id = NEW.id AND basis = 'patient');
END;

-- 3. The clock mark and the key file's mark only go forward ------------------------------------

CREATE TRIGGER kept_clock_mark_update BEFORE UPDATE ON clock_mark
WHEN NEW.id <> OLD.id OR NEW.at < OLD.at OR NEW.epoch < OLD.epoch
BEGIN
  SELECT RAISE(ABORT, 'kept:clock_mark');
END;

CREATE TRIGGER kept_clock_mark_delete BEFORE DELETE ON clock_mark
BEGIN
  SELECT RAISE(ABORT, 'kept:clock_mark');
END;

CREATE TRIGGER kept_clock_mark_single BEFORE INSERT ON clock_mark WHEN NEW.id <> 1
BEGIN
  SELECT RAISE(ABORT, 'kept:clock_mark');
END;

CREATE TRIGGER kept_header_mark_update BEFORE UPDATE ON header_mark
WHEN NEW.id <> OLD.id OR NEW.sequence < OLD.sequence
BEGIN
  SELECT RAISE(ABORT, 'kept:header_mark');
END;

CREATE TRIGGER kept_header_mark_delete BEFORE DELETE ON header_mark
BEGIN
  SELECT RAISE(ABORT, 'kept:header_mark');
END;

CREATE TRIGGER kept_header_mark_single BEFORE INSERT ON header_mark WHEN NEW.id <> 1
BEGIN
  SELECT RAISE(ABORT, 'kept:header_mark');
END;

-- 4. A scope is written before what it belongs to, and never widened after --------------------

CREATE TRIGGER kept_consent_scope_insert BEFORE INSERT ON consent_scope
WHEN EXISTS (SELECT 1 FROM consent WHERE id = NEW.consent_id)
BEGIN
  SELECT RAISE(ABORT, 'kept:consent_scope');
END;

CREATE TRIGGER kept_letter_scope_insert BEFORE INSERT ON letter_scope
WHEN EXISTS (SELECT 1 FROM letter WHERE id = NEW.letter_id)
BEGIN
  SELECT RAISE(ABORT, 'kept:letter_scope');
END;

-- 5. The audit chain has no gaps ---------------------------------------------------------------

CREATE TRIGGER kept_audit_event_insert BEFORE INSERT ON audit_event
WHEN NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM audit_event)
  OR NEW.previous <> COALESCE((SELECT link FROM audit_event ORDER BY seq DESC LIMIT 1), '')
BEGIN
  SELECT RAISE(ABORT, 'kept:audit_event');
END;

-- 6. Who a recipient is, and what a sealed file is opened with, never changes ------------------

CREATE TRIGGER kept_recipient_update BEFORE UPDATE OF id, kind_token, kind ON recipient
BEGIN
  SELECT RAISE(ABORT, 'kept:recipient');
END;

CREATE TRIGGER kept_recipient_delete BEFORE DELETE ON recipient
BEGIN
  SELECT RAISE(ABORT, 'kept:recipient');
END;

CREATE TRIGGER kept_content_update BEFORE UPDATE ON content
BEGIN
  SELECT RAISE(ABORT, 'kept:content');
END;

-- a row goes only after the key of its case has gone
CREATE TRIGGER kept_content_delete BEFORE DELETE ON content
WHEN EXISTS (SELECT 1 FROM sealing_key WHERE owner = OLD.case_id)
BEGIN
  SELECT RAISE(ABORT, 'kept:content');
END;

-- 7. Facts: nothing in these rows is changed or deleted ----------------------------------------

CREATE TRIGGER kept_audit_event_update BEFORE UPDATE ON audit_event
BEGIN
  SELECT RAISE(ABORT, 'kept:audit_event');
END;

CREATE TRIGGER kept_audit_event_delete BEFORE DELETE ON audit_event
BEGIN
  SELECT RAISE(ABORT, 'kept:audit_event');
END;

CREATE TRIGGER kept_consent_update BEFORE UPDATE ON consent
BEGIN
  SELECT RAISE(ABORT, 'kept:consent');
END;

CREATE TRIGGER kept_consent_delete BEFORE DELETE ON consent
BEGIN
  SELECT RAISE(ABORT, 'kept:consent');
END;

CREATE TRIGGER kept_consent_scope_update BEFORE UPDATE ON consent_scope
BEGIN
  SELECT RAISE(ABORT, 'kept:consent_scope');
END;

CREATE TRIGGER kept_consent_scope_delete BEFORE DELETE ON consent_scope
BEGIN
  SELECT RAISE(ABORT, 'kept:consent_scope');
END;

CREATE TRIGGER kept_consent_event_update BEFORE UPDATE ON consent_event
BEGIN
  SELECT RAISE(ABORT, 'kept:consent_event');
END;

CREATE TRIGGER kept_consent_event_delete BEFORE DELETE ON consent_event
BEGIN
  SELECT RAISE(ABORT, 'kept:consent_event');
END;

CREATE TRIGGER kept_revocation_update BEFORE UPDATE ON revocation
BEGIN
  SELECT RAISE(ABORT, 'kept:revocation');
END;

CREATE TRIGGER kept_revocation_delete BEFORE DELETE ON revocation
BEGIN
  SELECT RAISE(ABORT, 'kept:revocation');
END;

CREATE TRIGGER kept_restriction_update BEFORE UPDATE ON restriction
BEGIN
  SELECT RAISE(ABORT, 'kept:restriction');
END;

CREATE TRIGGER kept_restriction_delete BEFORE DELETE ON restriction
BEGIN
  SELECT RAISE(ABORT, 'kept:restriction');
END;

CREATE TRIGGER kept_own_read_update BEFORE UPDATE ON own_read
BEGIN
  SELECT RAISE(ABORT, 'kept:own_read');
END;

CREATE TRIGGER kept_own_read_delete BEFORE DELETE ON own_read
BEGIN
  SELECT RAISE(ABORT, 'kept:own_read');
END;

CREATE TRIGGER kept_letter_update BEFORE UPDATE ON letter
BEGIN
  SELECT RAISE(ABORT, 'kept:letter');
END;

CREATE TRIGGER kept_letter_delete BEFORE DELETE ON letter
BEGIN
  SELECT RAISE(ABORT, 'kept:letter');
END;

CREATE TRIGGER kept_letter_scope_update BEFORE UPDATE ON letter_scope
BEGIN
  SELECT RAISE(ABORT, 'kept:letter_scope');
END;

CREATE TRIGGER kept_letter_scope_delete BEFORE DELETE ON letter_scope
BEGIN
  SELECT RAISE(ABORT, 'kept:letter_scope');
END;

CREATE TRIGGER kept_dispatch_update BEFORE UPDATE ON dispatch
BEGIN
  SELECT RAISE(ABORT, 'kept:dispatch');
END;

CREATE TRIGGER kept_dispatch_delete BEFORE DELETE ON dispatch
BEGIN
  SELECT RAISE(ABORT, 'kept:dispatch');
END;

CREATE TRIGGER kept_dispatch_event_update BEFORE UPDATE ON dispatch_event
BEGIN
  SELECT RAISE(ABORT, 'kept:dispatch_event');
END;

CREATE TRIGGER kept_dispatch_event_delete BEFORE DELETE ON dispatch_event
BEGIN
  SELECT RAISE(ABORT, 'kept:dispatch_event');
END;

CREATE TRIGGER kept_urgent_contact_update BEFORE UPDATE ON urgent_contact
BEGIN
  SELECT RAISE(ABORT, 'kept:urgent_contact');
END;

CREATE TRIGGER kept_urgent_contact_delete BEFORE DELETE ON urgent_contact
BEGIN
  SELECT RAISE(ABORT, 'kept:urgent_contact');
END;

CREATE TRIGGER kept_case_event_update BEFORE UPDATE ON case_event
BEGIN
  SELECT RAISE(ABORT, 'kept:case_event');
END;

CREATE TRIGGER kept_case_event_delete BEFORE DELETE ON case_event
BEGIN
  SELECT RAISE(ABORT, 'kept:case_event');
END;

CREATE TRIGGER kept_triage_update BEFORE UPDATE ON triage
BEGIN
  SELECT RAISE(ABORT, 'kept:triage');
END;

CREATE TRIGGER kept_triage_delete BEFORE DELETE ON triage
BEGIN
  SELECT RAISE(ABORT, 'kept:triage');
END;

CREATE TRIGGER kept_declaration_update BEFORE UPDATE ON declaration
BEGIN
  SELECT RAISE(ABORT, 'kept:declaration');
END;

CREATE TRIGGER kept_declaration_delete BEFORE DELETE ON declaration
BEGIN
  SELECT RAISE(ABORT, 'kept:declaration');
END;

CREATE TRIGGER kept_legal_hold_update BEFORE UPDATE ON legal_hold
BEGIN
  SELECT RAISE(ABORT, 'kept:legal_hold');
END;

CREATE TRIGGER kept_legal_hold_delete BEFORE DELETE ON legal_hold
BEGIN
  SELECT RAISE(ABORT, 'kept:legal_hold');
END;

CREATE TRIGGER kept_erasure_update BEFORE UPDATE ON erasure
BEGIN
  SELECT RAISE(ABORT, 'kept:erasure');
END;

CREATE TRIGGER kept_erasure_delete BEFORE DELETE ON erasure
BEGIN
  SELECT RAISE(ABORT, 'kept:erasure');
END;

-- 8. A key is destroyed only by an erasure, and never while a legal hold stands ----------------

-- a row that lifts a hold stands beside it; neither is ever deleted
CREATE TRIGGER kept_legal_hold_lifts BEFORE INSERT ON legal_hold
WHEN NEW.lifts IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'kept:legal_hold')
   WHERE NOT EXISTS (SELECT 1 FROM legal_hold
                      WHERE id = NEW.lifts AND patient_id = NEW.patient_id AND lifts IS NULL);
END;

CREATE TRIGGER kept_erasure_insert BEFORE INSERT ON erasure
BEGIN
  SELECT RAISE(ABORT, 'kept:legal_hold')
   WHERE EXISTS (SELECT 1 FROM legal_hold AS h
                  WHERE h.patient_id = NEW.patient_id AND h.lifts IS NULL
                    AND NOT EXISTS (SELECT 1 FROM legal_hold AS x WHERE x.lifts = h.id));
END;

-- The act's own audit line is written last: while there is none, the erasure is of this act.
CREATE TRIGGER kept_sealing_key_delete BEFORE DELETE ON sealing_key
BEGIN
  SELECT RAISE(ABORT, 'kept:legal_hold')
   WHERE EXISTS (SELECT 1 FROM legal_hold AS h
                  WHERE h.patient_id IN (OLD.owner, (SELECT patient_id FROM "case"
                                                      WHERE id = OLD.owner))
                    AND h.lifts IS NULL
                    AND NOT EXISTS (SELECT 1 FROM legal_hold AS x WHERE x.lifts = h.id));
  SELECT RAISE(ABORT, 'kept:sealing_key')
   WHERE NOT EXISTS (SELECT 1 FROM erasure AS e
                      WHERE e.patient_id IN (OLD.owner, (SELECT patient_id FROM "case"
                                                          WHERE id = OLD.owner))
                        AND NOT EXISTS (SELECT 1 FROM audit_event
                                         WHERE case_id = '' AND entity = e.patient_id
                                           AND act = 'erase_patient' AND outcome = 'done'));
END;

CREATE TRIGGER kept_sealing_key_owner BEFORE UPDATE OF owner ON sealing_key
BEGIN
  SELECT RAISE(ABORT, 'kept:sealing_key');
END;

-- nobody comes back under the id of who was erased
CREATE TRIGGER kept_erased_patient BEFORE UPDATE OF patient_id ON "case"
WHEN EXISTS (SELECT 1 FROM erasure WHERE patient_id IN (OLD.patient_id, NEW.patient_id))
BEGIN
  SELECT RAISE(ABORT, 'kept:erasure');
END;

CREATE TRIGGER kept_erased_case BEFORE INSERT ON "case"
WHEN EXISTS (SELECT 1 FROM erasure WHERE patient_id = NEW.patient_id)
BEGIN
  SELECT RAISE(ABORT, 'kept:erasure');
END;
