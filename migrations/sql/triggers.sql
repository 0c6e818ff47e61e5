-- A row that may only be added: journal and audit.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON case_steps
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON case_steps
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE ON cases
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The text that a line of the journal is hashed over, in one fixed order of fields.
CREATE FUNCTION step_text(s case_steps) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT concat_ws(E'\x1f', s.case_id, s.position, s.action, s.source, s.target, s.actor_id,
        s.post, coalesce(s.department, ''), s.answers::text,
        coalesce(extract(epoch FROM s.due_at)::text, ''), extract(epoch FROM s.at)::text)
$$;

-- Each line is hashed over the one before it, so a line changed behind our back shows.
CREATE FUNCTION chain_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    former bytea := '';
BEGIN
    IF NEW.position > 1 THEN
        SELECT hash INTO STRICT former FROM case_steps
        WHERE case_id = NEW.case_id AND position = NEW.position - 1;
    END IF;
    NEW.hash := sha256(former || convert_to(step_text(NEW), 'UTF8'));
    RETURN NEW;
END $$;
CREATE TRIGGER chained BEFORE INSERT ON case_steps
    FOR EACH ROW EXECUTE FUNCTION chain_step();

-- A change of state that the case's own flow does not know is refused.
CREATE FUNCTION check_edge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM flow_edges
                   WHERE flow_id = NEW.flow_id AND source = OLD.state AND target = NEW.state) THEN
        RAISE EXCEPTION 'case %: no way from % to %', NEW.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'state_follows_the_flow';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER along_the_flow BEFORE UPDATE OF state ON cases
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION check_edge();

-- The handbook's version: caches in every process ask for it.
CREATE FUNCTION freshen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO versions (name) VALUES (TG_ARGV[0])
    ON CONFLICT (name) DO UPDATE SET n = versions.n + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER freshens AFTER INSERT OR UPDATE OR DELETE ON kinds
    FOR EACH STATEMENT EXECUTE FUNCTION freshen('catalogue');
CREATE TRIGGER freshens AFTER INSERT OR UPDATE OR DELETE ON conditions
    FOR EACH STATEMENT EXECUTE FUNCTION freshen('catalogue');
CREATE TRIGGER freshens AFTER INSERT OR UPDATE OR DELETE ON calendars
    FOR EACH STATEMENT EXECUTE FUNCTION freshen('catalogue');
CREATE TRIGGER freshens AFTER INSERT OR UPDATE OR DELETE ON calendar_spans
    FOR EACH STATEMENT EXECUTE FUNCTION freshen('catalogue');
CREATE TRIGGER freshens AFTER INSERT OR UPDATE OR DELETE ON calendar_days
    FOR EACH STATEMENT EXECUTE FUNCTION freshen('catalogue');
CREATE TRIGGER freshens AFTER INSERT OR UPDATE OR DELETE ON routes
    FOR EACH STATEMENT EXECUTE FUNCTION freshen('catalogue');
CREATE TRIGGER freshens AFTER INSERT OR UPDATE OR DELETE ON departments
    FOR EACH STATEMENT EXECUTE FUNCTION freshen('catalogue');
CREATE TRIGGER freshens AFTER INSERT OR UPDATE OR DELETE ON cells
    FOR EACH STATEMENT EXECUTE FUNCTION freshen('cells');
CREATE TRIGGER freshens AFTER INSERT OR UPDATE OR DELETE ON beats
    FOR EACH STATEMENT EXECUTE FUNCTION freshen('beats');
CREATE TRIGGER freshens AFTER INSERT OR UPDATE OR DELETE ON parts
    FOR EACH STATEMENT EXECUTE FUNCTION freshen('parts');
CREATE TRIGGER freshens AFTER INSERT OR UPDATE OR DELETE ON base_features
    FOR EACH STATEMENT EXECUTE FUNCTION freshen('base');

-- Numbers without gaps, in order of commit: one publisher at a time holds the head of the feed.
INSERT INTO feed_head (last) VALUES (0);
CREATE FUNCTION publish_feed(most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    head bigint;
    moved integer;
BEGIN
    SELECT last INTO head FROM feed_head FOR UPDATE;
    WITH taken AS (
        DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT most) RETURNING *)
    INSERT INTO feed (seq, topic, subject_id, step_id, area, department, at)
    SELECT head + row_number() OVER (ORDER BY id), topic, subject_id, step_id, area, department, at
    FROM taken;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved > 0 THEN
        UPDATE feed_head SET last = head + moved;
        PERFORM pg_notify('feed', (head + moved)::text);
    END IF;
    RETURN moved;
END $$;
