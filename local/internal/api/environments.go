package api

import (
	"net/http"

	"github.com/opikgen/opikgen/local/internal/store"
)

const environmentsBase = "/v1/private/environments"

// environmentRoutes are the endpoints of environments.
func (s *server) environmentRoutes() map[string]handler {
	return map[string]handler{
		"GET " + environmentsBase:              s.listEnvironments,
		"POST " + environmentsBase:             reading(s.createEnvironment),
		"GET " + environmentsBase + "/{id}":    s.getEnvironment,
		"PATCH " + environmentsBase + "/{id}":  reading(s.updateEnvironment),
		"POST " + environmentsBase + "/delete": reading(s.deleteEnvironments),
	}
}

// environmentJSON is an environment as clients send it. What is nil was not sent.
type environmentJSON struct {
	ID          *string `json:"id"`
	Name        *string `json:"name"`
	Description *string `json:"description"`
	Color       *string `json:"color"`
	Position    *int    `json:"position"`
}

// check applies the rules that creates and updates share.
func (j *environmentJSON) check() error {
	r := rules{}
	r.require(notBlank(j.Name), "name must not be blank")
	r.require(len([]rune(text(j.Name))) <= 150, "name size must be between 0 and 150")
	r.require(len([]rune(text(j.Description))) <= 500, "description size must be between 0 and 500")
	r.require(len([]rune(text(j.Color))) <= 20, "color size must be between 0 and 20")
	return r.err()
}

// listEnvironments returns all environments.
func (s *server) listEnvironments(w http.ResponseWriter, r *http.Request) error {
	all, err := s.store.Environments(r.Context())
	return answer(w, page[store.Environment]{Page: 1, Size: len(all), Total: int64(len(all)), Content: all}, err)
}

// createEnvironment stores an environment.
func (s *server) createEnvironment(w http.ResponseWriter, r *http.Request, sent *environmentJSON) error {
	if sent.Name == nil {
		return invalid("name must not be blank")
	}
	if err := sent.check(); err != nil {
		return err
	}
	environment := store.Environment{Name: *sent.Name, Description: text(sent.Description), Color: text(sent.Color)}
	if sent.Position != nil {
		environment.Position = *sent.Position
	}
	if sent.ID != nil {
		id, err := checkID("environment id", *sent.ID)
		if err != nil {
			return err
		}
		environment.ID = id
	}
	id, err := s.store.CreateEnvironment(r.Context(), environment)
	return created(w, environmentsBase, id, err)
}

// getEnvironment returns an environment.
func (s *server) getEnvironment(w http.ResponseWriter, r *http.Request) error {
	environment, err := s.store.Environment(r.Context(), r.PathValue("id"))
	return answer(w, environment, named("Environment", err))
}

// updateEnvironment changes an environment.
func (s *server) updateEnvironment(w http.ResponseWriter, r *http.Request, sent *environmentJSON) error {
	if err := sent.check(); err != nil {
		return err
	}
	change := store.EnvironmentChange{Name: sent.Name, Description: sent.Description, Color: sent.Color, Position: sent.Position}
	return done(w, named("Environment", s.store.UpdateEnvironment(r.Context(), r.PathValue("id"), change)))
}

// deleteEnvironments removes environments. What carries their names keeps them.
func (s *server) deleteEnvironments(w http.ResponseWriter, r *http.Request, sent *idsJSON) error {
	return deleteIDs(w, r, sent, s.store.DeleteEnvironments)
}
