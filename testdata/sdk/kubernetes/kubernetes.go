// Package kubernetes wraps typed clients of client-go.
package kubernetes

//opik:wrap k8s.io/client-go/kubernetes/typed/core/v1.CoreV1Interface as=CoreV1
//opik:wrap k8s.io/client-go/kubernetes/typed/core/v1.ComponentStatusInterface as=ComponentStatusInterface
//opik:wrap k8s.io/client-go/kubernetes/typed/core/v1.ConfigMapInterface as=ConfigMapInterface
//opik:wrap k8s.io/client-go/kubernetes/typed/core/v1.EndpointsInterface as=EndpointsInterface
//opik:wrap k8s.io/client-go/kubernetes/typed/core/v1.EventInterface as=EventInterface
//opik:wrap k8s.io/client-go/kubernetes/typed/core/v1.LimitRangeInterface as=LimitRangeInterface
//opik:wrap k8s.io/client-go/kubernetes/typed/core/v1.NamespaceInterface as=NamespaceInterface
//opik:wrap k8s.io/client-go/kubernetes/typed/core/v1.NodeInterface as=NodeInterface
//opik:wrap k8s.io/client-go/kubernetes/typed/core/v1.PersistentVolumeInterface as=PersistentVolumeInterface
//opik:wrap k8s.io/client-go/kubernetes/typed/core/v1.PersistentVolumeClaimInterface as=PersistentVolumeClaimInterface
//opik:wrap k8s.io/client-go/kubernetes/typed/core/v1.PodInterface as=PodInterface
//opik:wrap k8s.io/client-go/kubernetes/typed/core/v1.PodTemplateInterface as=PodTemplateInterface
//opik:wrap k8s.io/client-go/kubernetes/typed/core/v1.ReplicationControllerInterface as=ReplicationControllerInterface
//opik:wrap k8s.io/client-go/kubernetes/typed/core/v1.ResourceQuotaInterface as=ResourceQuotaInterface
//opik:wrap k8s.io/client-go/kubernetes/typed/core/v1.SecretInterface as=SecretInterface
//opik:wrap k8s.io/client-go/kubernetes/typed/core/v1.ServiceInterface as=ServiceInterface
//opik:wrap k8s.io/client-go/kubernetes/typed/core/v1.ServiceAccountInterface as=ServiceAccountInterface
