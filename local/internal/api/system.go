package api

import (
	"net/http"

	"github.com/opikgen/opikgen/local/internal/otlp"
	"github.com/opikgen/opikgen/local/internal/store"
)

// release is the version of Opik whose API this is.
const release = "2.1.24"

// ping tells that the server is there.
func (s *server) ping(w http.ResponseWriter, _ *http.Request) error {
	writeJSON(w, http.StatusOK, map[string]any{"message": "Healthy Server", "healthy": true})
	return nil
}

// version tells which Opik this is like.
func (s *server) version(w http.ResponseWriter, _ *http.Request) error {
	writeJSON(w, http.StatusOK, map[string]string{"version": release})
	return nil
}

// toggles switches every optional part of Opik off.
func (s *server) toggles(w http.ResponseWriter, _ *http.Request) error {
	writeJSON(w, http.StatusOK, map[string]bool{})
	return nil
}

// workspace tells which version of the workspace's data this is.
func (s *server) workspace(w http.ResponseWriter, _ *http.Request) error {
	writeJSON(w, http.StatusOK, map[string]string{"opik_version": "version_2"})
	return nil
}

// workspaceName tells the name of the one workspace.
func (s *server) workspaceName(w http.ResponseWriter, _ *http.Request) error {
	writeJSON(w, http.StatusOK, map[string]string{"workspace_name": "default"})
	return nil
}

// redirect leads from the link that an SDK prints to the page of the trace.
func (s *server) redirect(w http.ResponseWriter, r *http.Request) error {
	id, err := checkID("trace_id", r.URL.Query().Get("trace_id"))
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/#/trace/"+id, http.StatusSeeOther)
	return nil
}

// otlp takes spans of OpenTelemetry.
func (s *server) otlp(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	asJSON := otlp.IsJSON(r.Header.Get("Content-Type"))
	request, err := otlp.Parse(body, asJSON)
	if err != nil {
		return malformed(err)
	}
	ids, err := s.store.TraceIDs(r.Context(), otlp.Propose(request))
	if err != nil {
		return err
	}
	traces, spans := otlp.Rows(request, ids, r.Header.Get("projectName"))
	for _, part := range []struct {
		kind store.Kind
		rows []store.Row
	}{{store.Trace, traces}, {store.Span, spans}} {
		if len(part.rows) == 0 {
			continue
		}
		if err := s.store.Put(r.Context(), part.kind, part.rows); err != nil {
			return err
		}
	}
	return writeExported(w, asJSON)
}

// writeExported answers that all spans were taken, in the form in which they came.
func writeExported(w http.ResponseWriter, asJSON bool) error {
	if asJSON {
		writeJSON(w, http.StatusOK, struct{}{})
		return nil
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
	w.WriteHeader(http.StatusOK)
	return nil
}
