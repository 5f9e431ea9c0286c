package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/api"
)

// version stores a version of a prompt as the SDKs do.
func (c *client) version(name, template string, more object) object {
	c.t.Helper()
	body := object{"name": name, "version": object{"template": template, "type": "mustache", "metadata": object{"m": 1}}}
	for key, value := range more {
		body[key] = value
	}
	return decode[object](c.t, c.call(200, http.MethodPost, "/prompts/versions", body))
}

// retrieve reads a version of a prompt by its name.
func (c *client) retrieve(name string, more object) object {
	c.t.Helper()
	body := object{"name": name}
	for key, value := range more {
		body[key] = value
	}
	return decode[object](c.t, c.call(200, http.MethodPost, "/prompts/versions/retrieve", body))
}

func TestVersionsOfAPrompt(t *testing.T) {
	c := newClient(t, api.Options{})
	first := c.version("greet", "Hello {{name}}, {{ name }} and {{{raw}}}", nil)
	second := c.version("greet", "Bye {{name}}", object{"template_structure": "chat"})
	assert.Equal(t, "v1", first["version_number"])
	assert.Equal(t, "v2", second["version_number"])
	assert.Equal(t, first["prompt_id"], second["prompt_id"])
	assert.Equal(t, []any{"name", "raw"}, first["variables"])
	assert.Equal(t, "text", second["template_structure"], "the structure of a prompt never changes")
	assert.Regexp(t, `^[a-z0-9]{8}$`, first["commit"])

	assert.Equal(t, "Bye {{name}}", c.retrieve("greet", nil)["template"])
	assert.Equal(t, first["id"], c.retrieve("greet", object{"version_number": "v1"})["id"])
	assert.Equal(t, first["id"], c.retrieve("greet", object{"commit": first["commit"]})["id"])
	assert.Equal(t, object{"m": 1.0}, c.retrieve("greet", nil)["metadata"])
	assert.Equal(t, first["template"], c.read("/prompts/versions/" + first["id"].(string))["template"])

	prompt := c.read("/prompts/" + first["prompt_id"].(string))
	assert.Equal(t, "greet", prompt["name"])
	assert.InDelta(t, 2, prompt["version_count"], 0)
	assert.Equal(t, second["id"], prompt["latest_version"].(object)["id"])

	restored := decode[object](t, c.call(200, http.MethodPost, "/prompts/"+prompt["id"].(string)+"/versions/"+first["id"].(string)+"/restore", nil))
	assert.Equal(t, "v3", restored["version_number"])
	assert.Equal(t, first["template"], c.retrieve("greet", nil)["template"])
	assert.NotEqual(t, first["commit"], restored["commit"])
}

func TestPromptsOfProjects(t *testing.T) {
	c := newClient(t, api.Options{})
	c.version("greet", "everywhere", nil)
	c.version("greet", "here", object{"project_name": "p"})
	c.version("only", "p's", object{"project_name": "p"})
	for _, test := range []struct{ name, project, want string }{
		{"greet", "", "everywhere"}, {"greet", "p", "here"}, {"greet", "P", "here"}, {"greet", "q", "everywhere"}, {"only", "p", "p's"}, {"only", "", "p's"},
	} {
		more := object{}
		if test.project != "" {
			more["project_name"] = test.project
		}
		assert.Equal(t, test.want, c.retrieve(test.name, more)["template"], test)
	}
	c.call(404, http.MethodPost, "/prompts/versions/retrieve", object{"name": "only", "project_name": "q"})
	project := decode[object](t, c.call(200, http.MethodPost, "/projects/retrieve", object{"name": "p"}))
	assert.Equal(t, []string{"only", "greet"}, names(c.read("/prompts?project_id="+project["id"].(string))))
	c.call(204, http.MethodDelete, "/projects/"+project["id"].(string), nil)
	assert.Equal(t, []string{"greet"}, names(c.read("/prompts")), "a project takes its prompts along")
}

func TestPromptsAreListed(t *testing.T) {
	c := newClient(t, api.Options{})
	for _, name := range []string{"a1", "a2", "b%"} {
		c.call(201, http.MethodPost, "/prompts", object{"name": name, "description": "about " + name, "tags": []string{"t", name, "t"}, "template": "x"})
	}
	c.version("a1", "second", nil)
	assert.Equal(t, []string{"b%", "a2", "a1"}, names(c.read("/prompts")))
	assert.Equal(t, []string{"a2", "a1"}, names(c.read("/prompts?name=A")))
	assert.Equal(t, []string{"b%"}, names(c.read("/prompts?name=%25")))
	assert.Equal(t, []string{"a1"}, names(c.read("/prompts?size=2&page=2")))
	for filter, want := range map[condition]string{
		{"tags", "contains", "a2"}: "a2", {"version_count", ">", "1"}: "a1", {"description", "contains", "A1"}: "a1", {"template_structure", "=", "chat"}: "",
		{"name", "starts_with", "a"}: "a2 a1", {"created_at", ">", "2026-01-01T00:00:00Z"}: "b% a2 a1",
	} {
		text := url.QueryEscape(`[{"field":"` + filter.field + `","operator":"` + filter.operator + `","value":"` + filter.value + `"}]`)
		assert.Equal(t, want, strings.Join(names(c.read("/prompts?filters="+text)), " "), filter)
	}
	c.call(400, http.MethodGet, "/prompts?filters=x", nil)
	c.call(400, http.MethodGet, "/prompts?filters="+url.QueryEscape(`[{"field":"input","operator":"=","value":"x"}]`), nil)
}

func TestVersionsAreListedAndTagged(t *testing.T) {
	c := newClient(t, api.Options{})
	first := c.version("greet", "Hello", nil)
	second := c.version("greet", "Bye", object{"version": object{"template": "Bye", "change_description": "shorter", "tags": []string{"x"}, "metadata": object{"env": "prod"}}})
	list := "/prompts/" + first["prompt_id"].(string) + "/versions"
	numbers := func(query string) (found []string) {
		for _, item := range c.read(list + query)["content"].([]any) {
			found = append(found, item.(object)["version_number"].(string))
		}
		return found
	}
	assert.Equal(t, []string{"v2", "v1"}, numbers(""))
	assert.Equal(t, []string{"v2"}, numbers("?search=SHORT"))
	assert.Equal(t, []string{"v1"}, numbers("?search=hello"))
	assert.Equal(t, []string{"v1"}, numbers("?page=2&size=1"))
	assert.Equal(t, []string{"v2"}, numbers("?filters="+url.QueryEscape(`[{"field":"metadata","key":"env","operator":"=","value":"prod"}]`)))
	assert.Equal(t, []string{"v2"}, numbers("?filters="+url.QueryEscape(`[{"field":"tags","operator":"contains","value":"x"}]`)))

	tags := func(id any) any { return c.read("/prompts/versions/" + id.(string))["tags"] }
	update := func(merge bool, tags ...string) {
		c.call(204, http.MethodPatch, "/prompts/versions", object{"ids": []any{first["id"], second["id"], newID()}, "update": object{"tags": tags}, "merge_tags": merge})
	}
	update(true, "y", "x")
	assert.Equal(t, []any{"y", "x"}, tags(first["id"]))
	assert.Equal(t, []any{"x", "y"}, tags(second["id"]))
	update(false, "z")
	assert.Equal(t, []any{"z"}, tags(second["id"]))
	c.call(204, http.MethodPatch, "/prompts/versions", object{"ids": []any{second["id"]}, "update": object{}})
	assert.Equal(t, []any{"z"}, tags(second["id"]), "no list changes nothing")
	c.call(204, http.MethodPatch, "/prompts/versions", object{"ids": []any{first["id"]}, "update": object{"tags": []string{}}})
	assert.Nil(t, tags(first["id"]), "an empty one clears")
}

func TestPromptsByCommit(t *testing.T) {
	c := newClient(t, api.Options{})
	first := c.version("a", "1", object{"version": object{"template": "1", "commit": "aaaa1111"}})
	c.version("a", "2", nil)
	found := c.read("/prompts/by-commit/aaaa1111")
	assert.Equal(t, "a", found["name"])
	assert.Equal(t, first["id"], found["requested_version"].(object)["id"])
	c.call(404, http.MethodGet, "/prompts/by-commit/bbbb2222", nil)
	text := c.call(200, http.MethodPost, "/prompts/retrieve-by-commits", object{"commits": []string{"aaaa1111", "bbbb2222"}})
	links := decode[[]object](t, text)
	require.Len(t, links, 1)
	assert.Equal(t, object{"prompt_version_id": first["id"], "prompt_id": first["prompt_id"], "prompt_name": "a", "commit": "aaaa1111"}, links[0])
}

func TestPromptsChangeAndGo(t *testing.T) {
	c := newClient(t, api.Options{})
	id := newID()
	c.call(201, http.MethodPost, "/prompts", object{"id": id, "name": "a", "template": "x", "tags": []string{"t"}})
	c.call(201, http.MethodPost, "/prompts", object{"name": "b"})
	c.call(204, http.MethodPut, "/prompts/"+id, object{"name": "c", "description": "new"})
	got := c.read("/prompts/" + id)
	assert.Equal(t, []any{"c", "new", []any{"t"}}, []any{got["name"], got["description"], got["tags"]})
	c.call(409, http.MethodPut, "/prompts/"+id, object{"name": "b"})
	c.call(404, http.MethodPut, "/prompts/"+newID(), object{"name": "d"})
	version := got["latest_version"].(object)["id"].(string)
	c.call(204, http.MethodPost, "/prompts/delete", object{"ids": []string{id, newID()}})
	c.call(404, http.MethodGet, "/prompts/"+id, nil)
	c.call(404, http.MethodGet, "/prompts/versions/"+version, nil)
	other := c.read("/prompts")["content"].([]any)[0].(object)["id"].(string)
	c.call(204, http.MethodDelete, "/prompts/"+other, nil)
	assert.Empty(t, c.read("/prompts")["content"])
}

func TestWhatIsNoPrompt(t *testing.T) {
	c := newClient(t, api.Options{})
	known := c.version("known", "x", object{"version": object{"template": "x", "commit": "aaaa1111"}})
	c.refuses([]refusal{
		{"no name", "POST", "/prompts", object{"template": "x"}, 422, `{"errors":["name must not be blank"]}`},
		{"a blank description", "POST", "/prompts", object{"name": "a", "description": " "}, 422, `{"errors":["description must not be blank and have at most 255 characters"]}`},
		{"a long description", "POST", "/prompts", object{"name": "a", "description": strings.Repeat("x", 256)}, 422, ``},
		{"a structure", "POST", "/prompts", object{"name": "a", "template_structure": "song"}, 422, `{"errors":["template_structure must be one of text, chat"]}`},
		{"a blank project", "POST", "/prompts", object{"name": "a", "project_name": ""}, 422, `{"errors":["project_name must not be blank"]}`},
		{"an id of version 4", "POST", "/prompts", object{"name": "a", "id": "7b2f9d3e-4a55-4b0e-8f7e-0c6b1a2d3e4f"}, 400, ``},
		{"a name that exists", "POST", "/prompts", object{"name": "known"}, 409, `{"errors":["Prompt id or name already exists"]}`},
		{"an id that exists", "POST", "/prompts", object{"name": "a", "id": known["prompt_id"]}, 409, `{"errors":["Prompt id or name already exists"]}`},
		{"no template", "POST", "/prompts/versions", object{"name": "a", "version": object{}}, 422, `{"errors":["version.template must not be blank"]}`},
		{"a language", "POST", "/prompts/versions", object{"name": "a", "version": object{"template": "x", "type": "perl"}}, 400, ``},
		{"a short commit", "POST", "/prompts/versions", object{"name": "a", "version": object{"template": "x", "commit": "abc"}}, 422, ``},
		{"a commit that exists", "POST", "/prompts/versions", object{"name": "known", "version": object{"template": "x", "commit": "aaaa1111"}}, 409, `{"errors":["Prompt version already exists"]}`},
		{"a mask", "POST", "/prompts/versions", object{"name": "known", "version": object{"template": "x", "version_type": "mask"}}, 422, ``},
		{"a version of nothing", "POST", "/prompts/versions/retrieve", object{"name": "none"}, 404, `{"errors":["Prompt version not found"]}`},
		{"no such commit", "POST", "/prompts/versions/retrieve", object{"name": "known", "commit": "bbbb2222"}, 404, `{"errors":["Prompt version not found"]}`},
		{"no such number", "POST", "/prompts/versions/retrieve", object{"name": "known", "version_number": "v2"}, 404, ``},
		{"no number", "POST", "/prompts/versions/retrieve", object{"name": "known", "version_number": "latest"}, 404, ``},
		{"an environment", "POST", "/prompts/versions/retrieve", object{"name": "known", "environment": "production"}, 404, ``},
		{"no name to retrieve", "POST", "/prompts/versions/retrieve", object{}, 422, `{"errors":["name must not be blank"]}`},
		{"no such prompt", "GET", "/prompts/" + newID(), nil, 404, `{"errors":["Prompt not found"]}`},
		{"no such version", "GET", "/prompts/versions/" + newID(), nil, 404, `{"errors":["Prompt version not found"]}`},
		{"restoring another's version", "POST", "/prompts/" + newID() + "/versions/" + known["id"].(string) + "/restore", nil, 404, ``},
		{"an update without name", "PUT", "/prompts/" + known["prompt_id"].(string), object{}, 422, `{"errors":["name must not be blank"]}`},
		{"tags of nothing", "PATCH", "/prompts/versions", object{"ids": []string{}}, 422, `{"errors":["ids size must be between 1 and 1000"]}`},
		{"no commits", "POST", "/prompts/retrieve-by-commits", object{}, 422, `{"errors":["commits size must be between 1 and 1000"]}`},
		{"deleting nothing", "POST", "/prompts/delete", object{"ids": []string{"x"}}, 422, ``},
		{"something else of a prompt", "GET", "/prompts/" + newID() + "/friends", nil, 404, ``},
		{"page zero", "GET", "/prompts?page=0", nil, 422, ``},
		{"page zero of versions", "GET", "/prompts/" + newID() + "/versions?page=0", nil, 422, ``},
	})
	assert.Equal(t, []string{"known"}, names(c.read("/prompts")), "nothing of it was stored")
}

func TestEnvironments(t *testing.T) {
	c, id := newClient(t, api.Options{}), newID()
	assert.Equal(t, []string{"production", "staging", "development"}, names(c.read("/environments")))
	c.call(201, http.MethodPost, "/environments", object{"id": id, "name": "qa", "description": "d", "color": "#fff", "position": 7})
	got := c.read("/environments/" + id)
	assert.Equal(t, []any{"qa", "d", "#fff", 7.0}, []any{got["name"], got["description"], got["color"], got["position"]})
	c.call(204, http.MethodPatch, "/environments/"+id, object{"description": "e"})
	got = c.read("/environments/" + id)
	assert.Equal(t, []any{"qa", "e", "#fff", 7.0}, []any{got["name"], got["description"], got["color"], got["position"]}, "what is not said stays")
	c.refuses([]refusal{
		{"a name that exists", "POST", "/environments", object{"name": "qa"}, 409, ``},
		{"an id that exists", "POST", "/environments", object{"name": "other", "id": id}, 409, ``},
		{"no name", "POST", "/environments", object{}, 422, ``},
		{"a blank name", "POST", "/environments", object{"name": " "}, 422, ``},
		{"a long name", "POST", "/environments", object{"name": strings.Repeat("ü", 151)}, 422, ``},
		{"a long description", "POST", "/environments", object{"name": "x", "description": strings.Repeat("x", 501)}, 422, ``},
		{"a long color", "POST", "/environments", object{"name": "x", "color": strings.Repeat("x", 21)}, 422, ``},
		{"an id that is none", "POST", "/environments", object{"name": "x", "id": "1"}, 400, ``},
		{"taking a name", "PATCH", "/environments/" + id, object{"name": "staging"}, 409, ``},
		{"a blank new name", "PATCH", "/environments/" + id, object{"name": ""}, 422, ``},
		{"an update of nothing", "PATCH", "/environments/" + newID(), object{"name": "y"}, 404, ``},
		{"nothing", "GET", "/environments/" + newID(), nil, 404, ``},
		{"deleting nothing", "POST", "/environments/delete", object{}, 422, ``},
	})
	c.call(204, http.MethodPost, "/environments/delete", object{"ids": []string{id}})
	assert.Len(t, c.read("/environments")["content"], 3)
	for i := range 97 {
		c.call(201, http.MethodPost, "/environments", object{"name": strings.Repeat("x", i+1)})
	}
	assert.Contains(t, c.call(409, http.MethodPost, "/environments", object{"name": "one too many"}), "limit")
}

func TestWhatIsNotHereIsNamed(t *testing.T) {
	c := newClient(t, api.Options{})
	for path, what := range map[string]string{
		"/datasets": "datasets", "/datasets/retrieve": "datasets", "/experiments/stream": "experiments", "/guardrails": "guardrails",
		"/annotation-queues": "annotation queues", "/optimizations": "optimizations", "/feedback-definitions": "feedback definitions",
		"/assertion-results": "test suites", "/agent-configs/blueprints/retrieve": "agent configurations",
	} {
		answer := decode[object](t, c.call(501, http.MethodPost, path, object{}))
		assert.InDelta(t, 501, answer["code"], 0)
		assert.Equal(t, "opik-local has no "+what+"; a real Opik does", answer["message"], path)
		assert.Contains(t, answer["details"], "POST /v1/private"+path)
	}
	response, text := c.send(http.MethodPost, "/guardrails/api/v1/guardrails/validations", strings.NewReader("{}"))
	assert.Equal(t, http.StatusNotImplemented, response.StatusCode)
	assert.Contains(t, text, "opik-local has no guardrails")
	c.call(404, http.MethodGet, "/dataset", nil)
	assert.Equal(t, "default", c.read("/auth/workspace")["workspace_name"])
}
