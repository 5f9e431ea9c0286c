package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"

	"github.com/opikgen/opikgen/local/internal/store"
)

const promptsBase = "/v1/private/prompts"

// promptRoutes are the endpoints of prompts.
func (s *server) promptRoutes() map[string]handler {
	return map[string]handler{
		"GET " + promptsBase:                                       s.listPrompts,
		"POST " + promptsBase:                                      reading(s.createPrompt),
		"POST " + promptsBase + "/delete":                          reading(s.deletePrompts),
		"GET " + promptsBase + "/{id}":                             s.getPrompt,
		"PUT " + promptsBase + "/{id}":                             reading(s.updatePrompt),
		"DELETE " + promptsBase + "/{id}":                          s.deletePrompt,
		"GET " + promptsBase + "/{id}/{part}":                      s.getOfPrompt,
		"POST " + promptsBase + "/{id}/versions/{version}/restore": s.restorePromptVersion,
		"POST " + promptsBase + "/versions":                        reading(s.createPromptVersion),
		"PATCH " + promptsBase + "/versions":                       reading(s.tagPromptVersions),
		"POST " + promptsBase + "/versions/retrieve":               reading(s.retrievePromptVersion),
		"POST " + promptsBase + "/retrieve-by-commits":             reading(s.promptsOfCommits),
	}
}

// getOfPrompt tells apart what Opik has under two names: the versions of a prompt, one version, and what has a commit.
func (s *server) getOfPrompt(w http.ResponseWriter, r *http.Request) error {
	switch {
	case r.PathValue("id") == "versions":
		return s.getPromptVersion(w, r)
	case r.PathValue("id") == "by-commit":
		return s.promptOfCommit(w, r)
	case r.PathValue("part") == "versions":
		return s.listPromptVersions(w, r)
	}
	return unknown(w, r)
}

// versionJSON is a version of a prompt as clients send it.
type versionJSON struct {
	ID       *string         `json:"id"`
	Commit   *string         `json:"commit"`
	Template string          `json:"template"`
	Metadata json.RawMessage `json:"metadata"`
	Type     string          `json:"type"`
	Change   string          `json:"change_description"`
	Tags     []string        `json:"tags"`
	Version  string          `json:"version_type"`
}

// promptJSON is a prompt as clients send it, with its first version.
type promptJSON struct {
	versionJSON

	Name        string  `json:"name"`
	ProjectID   string  `json:"project_id"`
	ProjectName *string `json:"project_name"`
	Description *string `json:"description"`
	Structure   string  `json:"template_structure"`
}

// promptTypes are the languages of templates.
var promptTypes = []string{"mustache", "jinja2", "python"}

// commitText is what a commit looks like.
var commitText = regexp.MustCompile(`^[a-zA-Z0-9]{8}$`)

// version checks a version.
func (j *versionJSON) version(path string) (store.PromptVersion, error) {
	r := rules{path: path}
	r.require(!isBlank(j.Template), "template must not be blank")
	r.require(j.Commit == nil || commitText.MatchString(*j.Commit), `commit if present, the commit message must be 8 alphanumeric characters long`)
	r.require(j.Version == "" || j.Version == "prompt_version", "version_type must be prompt_version: opik-local has no masks")
	if err := r.err(); err != nil {
		return store.PromptVersion{}, err
	}
	kind := "mustache"
	if j.Type != "" {
		kind = j.Type
	}
	if !slices.Contains(promptTypes, kind) {
		return store.PromptVersion{}, bad("type must be one of mustache, jinja2, python")
	}
	version := store.PromptVersion{
		Commit: text(j.Commit), Template: j.Template, Metadata: j.Metadata, Type: kind, Change: j.Change, Tags: unique(j.Tags),
	}
	if j.ID == nil {
		return version, nil
	}
	id, err := checkID("prompt version id", *j.ID)
	version.ID = id
	return version, err
}

// prompt checks a prompt and finds its project.
func (s *server) prompt(r *http.Request, sent *promptJSON) (store.Prompt, error) {
	structure := store.TextPrompt
	if sent.Structure != "" {
		structure = sent.Structure
	}
	rules := rules{}
	rules.require(!isBlank(sent.Name), "name must not be blank")
	rules.require(notBlank(sent.ProjectName), "project_name must not be blank")
	rules.require(notBlank(sent.Description) && len([]rune(text(sent.Description))) <= 255, "description must not be blank and have at most 255 characters")
	rules.require(structure == store.TextPrompt || structure == store.ChatPrompt, "template_structure must be one of text, chat")
	if err := rules.err(); err != nil {
		return store.Prompt{}, err
	}
	prompt := store.Prompt{Name: sent.Name, ProjectID: sent.ProjectID, Description: text(sent.Description), Structure: structure, Tags: unique(sent.Tags)}
	if sent.ProjectID != "" {
		return prompt, nil
	}
	id, err := s.store.PromptProject(r.Context(), text(sent.ProjectName))
	prompt.ProjectID = id
	return prompt, err
}

// createPrompt makes a prompt, with its first version where it has a template.
func (s *server) createPrompt(w http.ResponseWriter, r *http.Request, sent *promptJSON) error {
	prompt, err := s.prompt(r, sent)
	if err != nil {
		return err
	}
	if sent.ID != nil {
		if prompt.ID, err = checkID("prompt id", *sent.ID); err != nil {
			return err
		}
	}
	sent.ID = nil // it is the prompt's, the version gets one of its own
	var first *store.PromptVersion
	if sent.Template != "" {
		version, err := sent.version("")
		if err != nil {
			return err
		}
		first = &version
	}
	id, err := s.store.CreatePrompt(r.Context(), prompt, first)
	return created(w, promptsBase, id, err)
}

// namedVersionJSON is a version with the prompt that it belongs to.
type namedVersionJSON struct {
	promptJSON

	Version versionJSON `json:"version"`
}

// createPromptVersion stores a version of a prompt, which it makes on first use.
func (s *server) createPromptVersion(w http.ResponseWriter, r *http.Request, sent *namedVersionJSON) error {
	prompt, err := s.prompt(r, &sent.promptJSON)
	if err != nil {
		return err
	}
	version, err := sent.Version.version("version.")
	if err != nil {
		return err
	}
	stored, err := s.store.AddPromptVersion(r.Context(), prompt, version)
	return answer(w, stored, named("Prompt", err))
}

// retrieveJSON is the version of a prompt that is asked for.
type retrieveJSON struct {
	Name        string `json:"name"`
	Commit      string `json:"commit"`
	Number      string `json:"version_number"`
	Environment string `json:"environment"`
	Project     string `json:"project_name"`
}

// retrievePromptVersion returns a version of the prompt of a name.
func (s *server) retrievePromptVersion(w http.ResponseWriter, r *http.Request, sent *retrieveJSON) error {
	if isBlank(sent.Name) {
		return invalid("name must not be blank")
	}
	if sent.Environment != "" {
		return missing("Prompt version") // no version is ever put into an environment here
	}
	version, err := s.store.FindPromptVersion(r.Context(), store.VersionOf{Name: sent.Name, Project: sent.Project, Commit: sent.Commit, Number: sent.Number})
	return answer(w, version, named("Prompt version", err))
}

// listPrompts returns a page of prompts.
func (s *server) listPrompts(w http.ResponseWriter, r *http.Request) error {
	values := r.URL.Query()
	filters, err := readFilters(values.Get("filters"))
	if err != nil {
		return err
	}
	prompts, err := s.store.Prompts(r.Context(), values.Get("name"), values.Get("project_id"), filters)
	return answerPart(w, r, prompts, err)
}

// listPromptVersions returns a page of a prompt's versions.
func (s *server) listPromptVersions(w http.ResponseWriter, r *http.Request) error {
	values := r.URL.Query()
	filters, err := readFilters(values.Get("filters"))
	if err != nil {
		return err
	}
	versions, err := s.store.PromptVersions(r.Context(), r.PathValue("id"), values.Get("search"), filters)
	return answerPart(w, r, versions, err)
}

// answerPart answers with the page of a list that the client asks for.
func answerPart[T any](w http.ResponseWriter, r *http.Request, list []T, err error) error {
	if err != nil {
		return err
	}
	number, size, err := pageOf(r.URL.Query())
	if err != nil {
		return err
	}
	content := part(list, number, size)
	return answer(w, page[T]{Page: number, Size: len(content), Total: int64(len(list)), Content: content}, nil)
}

// getPrompt returns a prompt with its latest version.
func (s *server) getPrompt(w http.ResponseWriter, r *http.Request) error {
	prompt, err := s.store.Prompt(r.Context(), r.PathValue("id"))
	return answer(w, prompt, named("Prompt", err))
}

// getPromptVersion returns a version by its id.
func (s *server) getPromptVersion(w http.ResponseWriter, r *http.Request) error {
	version, err := s.store.PromptVersion(r.Context(), r.PathValue("part"))
	return answer(w, version, named("Prompt version", err))
}

// promptOfCommit returns the prompt that has a version with a commit.
func (s *server) promptOfCommit(w http.ResponseWriter, r *http.Request) error {
	version, err := s.store.PromptVersionOfCommit(r.Context(), r.PathValue("part"))
	if err != nil {
		return answer(w, nil, named("Prompt version", err))
	}
	prompt, err := s.store.Prompt(r.Context(), version.PromptID)
	prompt.Requested = &version
	return answer(w, prompt, named("Prompt", err))
}

// commitsJSON is the commits of a request.
type commitsJSON struct {
	Commits []string `json:"commits"`
}

// promptsOfCommits says which prompts have versions with these commits.
func (s *server) promptsOfCommits(w http.ResponseWriter, r *http.Request, sent *commitsJSON) error {
	if len(sent.Commits) < 1 || len(sent.Commits) > maxBatch {
		return invalid("commits size must be between 1 and 1000")
	}
	links := []map[string]string{}
	for _, commit := range sent.Commits {
		version, err := s.store.PromptVersionOfCommit(r.Context(), commit)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		prompt, err := s.store.Prompt(r.Context(), version.PromptID)
		if err != nil {
			return err
		}
		links = append(links, map[string]string{
			"prompt_version_id": version.ID, "commit": commit, "prompt_id": prompt.ID, "prompt_name": prompt.Name})
	}
	writeJSON(w, http.StatusOK, links)
	return nil
}

// restorePromptVersion makes an earlier version the latest one, as a new version.
func (s *server) restorePromptVersion(w http.ResponseWriter, r *http.Request) error {
	version, err := s.store.PromptVersion(r.Context(), r.PathValue("version"))
	if err != nil || version.PromptID != r.PathValue("id") {
		return missing("Prompt version")
	}
	prompt, err := s.store.Prompt(r.Context(), version.PromptID)
	if err != nil {
		return err
	}
	version.ID, version.Commit, version.Change = "", "", "Restored from version "+version.Commit
	stored, err := s.store.AddPromptVersion(r.Context(), prompt, version)
	return answer(w, stored, named("Prompt", err))
}

// updatePrompt renames and describes a prompt.
func (s *server) updatePrompt(w http.ResponseWriter, r *http.Request, sent *promptJSON) error {
	if isBlank(sent.Name) {
		return invalid("name must not be blank")
	}
	err := s.store.UpdatePrompt(r.Context(), r.PathValue("id"), sent.Name, text(sent.Description), unique(sent.Tags))
	return done(w, named("Prompt", err))
}

// versionTagsJSON is new tags of several versions.
type versionTagsJSON struct {
	IDs    []string `json:"ids"`
	Update struct {
		Tags []string `json:"tags"`
	} `json:"update"`
	Merge bool `json:"merge_tags"`
}

// tagPromptVersions changes the tags of versions, which is all that can be changed of them.
func (s *server) tagPromptVersions(w http.ResponseWriter, r *http.Request, sent *versionTagsJSON) error {
	ids, err := checkIDs(sent.IDs)
	if err != nil {
		return err
	}
	if sent.Update.Tags != nil {
		if err := s.store.TagPromptVersions(r.Context(), ids, sent.Update.Tags, sent.Merge); err != nil {
			return err
		}
	}
	return s.noContent(w, r)
}

// deletePrompt removes a prompt.
func (s *server) deletePrompt(w http.ResponseWriter, r *http.Request) error {
	return done(w, s.store.DeletePrompts(r.Context(), []string{r.PathValue("id")}))
}

// deletePrompts removes prompts.
func (s *server) deletePrompts(w http.ResponseWriter, r *http.Request, sent *idsJSON) error {
	return deleteIDs(w, r, sent, s.store.DeletePrompts)
}
