package api

import (
	"net/http"
	"strings"
)

// absent are the parts of Opik that a local one does not have, by the first part of their paths, as people call them.
var absent = map[string]string{
	"agent-configs": "agent configurations", "alerts": "alerts", "annotation-queues": "annotation queues", "assertion-results": "test suites",
	"automations": "online evaluation", "chat": "playground", "dashboards": "dashboards", "datasets": "datasets", "experiments": "experiments",
	"feedback-definitions": "feedback definitions", "guardrails": "guardrails", "insights-views": "insights", "llm-provider-key": "playground",
	"local-runners": "local runners", "manual-evaluation": "online evaluation", "optimizations": "optimizations", "retention": "retention rules",
}

// unknown answers for the parts of Opik that are not here. One that people know by name is named, with a status that SDKs
// do not take for an entity that is not there.
func unknown(_ http.ResponseWriter, r *http.Request) error {
	part, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1/private/"), "/")
	if name, ok := absent[part]; ok {
		return lacks(name, r)
	}
	return &refusal{status: http.StatusNotFound, message: "HTTP 404 Not Found", details: "opik-local has no " + printable(r.Method+" "+r.URL.Path)}
}

// lacks is the refusal of a whole part of Opik.
func lacks(name string, r *http.Request) error {
	return &refusal{status: http.StatusNotImplemented, message: "opik-local has no " + name + "; a real Opik does",
		details: printable(r.Method+" "+r.URL.Path) + " needs an Opik: point OPIK_URL_OVERRIDE at one"}
}

// guardrails answers the host that Python's guardrails ask beside the API.
func guardrails(_ http.ResponseWriter, r *http.Request) error { return lacks("guardrails", r) }
