FROM hookmeter-debian
COPY vmalert /vmalert-prod
RUN ln -s busybox /usr/bin/wget
ENTRYPOINT ["/vmalert-prod"]
